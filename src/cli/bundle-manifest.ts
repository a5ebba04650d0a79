/**
 * The manifest of a bundle, as an author writes it: JSON, and checked before it is believed.
 *
 * Every key that it may have is in the tables below; a key that is not is a misspelling, and
 * refused.
 */

import type { BundleManifest } from '../node.ts';

/** What a value has to be; gives what it means. Throws RangeError where it is something else. */
type Check = (value: unknown, place: string) => unknown;

const text: Check = (value, place) => {
  if (typeof value === 'string') return value;
  throw new RangeError(`${place} is no text`);
};

function list(check: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) throw new RangeError(`${place} is no list`);
    return value.map((one, index) => check(one, `${place}[${index}]`));
  };
}

function record(checks: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RangeError(`${place} is no object`);
    }
    const lost = needed.find((key) => !Object.hasOwn(value, key));
    if (lost !== undefined) throw new RangeError(`${place} has no '${lost}'`);
    const checked = Object.entries(value).map(([key, one]) => {
      const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
      if (check === undefined) throw new RangeError(`${place} has '${key}', which means nothing`);
      return [key, check(one, place === ROOT ? key : `${place}.${key}`)] as const;
    });
    return Object.fromEntries(checked);
  };
}

const ROOT = 'it';

const platform: Check = (value, place) => {
  return { version: text(value, place), locale: '', productLineId: 'embeddedEsx' };
};

const spec = record({ value: text, uiString: text }, ['value', 'uiString']);

const bulletin = record(
  {
    id: text,
    vendor: text,
    summary: text,
    severity: text,
    category: text,
    urgency: text,
    releaseType: text,
    description: text,
    kbUrl: text,
    contact: text,
    componentName: spec,
    componentVersion: spec,
    releaseDate: text,
    platforms: list(platform),
    vibIds: list(text),
  },
  ['id'],
);

const profile = record(
  {
    name: text,
    creator: text,
    creationTime: text,
    modifiedTime: text,
    acceptanceLevel: text,
    description: text,
    vibIds: list(text),
  },
  ['name'],
);

const manifest = record({
  vendor: text,
  vendorCode: text,
  platforms: list(text),
  bulletins: list(bulletin),
  profiles: list(profile),
});

/**
 * The manifest that `json` is. Throws SyntaxError where it is no JSON; RangeError, which says
 * where, where it is no manifest.
 */
export function parseBundleManifest(json: string): BundleManifest {
  return manifest(JSON.parse(json), ROOT) as BundleManifest;
}

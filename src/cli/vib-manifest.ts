/**
 * What an author says of a VIB: a manifest in JSON, and options that go before it.
 *
 *   {
 *     "name": "hello", "version": "1.0.0-1", "vendor": "us",
 *     "summary": "…", "description": "…", "releaseDate": "2024-02-29T00:00:00+00:00",
 *     "type": "bootbank", "acceptanceLevel": "community",
 *     "depends": ["esx-version >= 7.0.0"], "conflicts": [], "replaces": [], "provides": [],
 *     "compatibleWith": [], "tags": ["driver"], "urls": [{ "key": "kb", "url": "https://…" }],
 *     "platforms": [{ "version": "8.*", "locale": "", "productLineId": "embeddedEsx" }],
 *     "maintenanceMode": false, "liveInstallAllowed": true, "liveRemoveAllowed": true,
 *     "cimomRestart": false, "statelessReady": true, "overlay": false
 *   }
 *
 * Only name, version and vendor must be there. A word that is not among these is refused: one that
 * is misspelt would otherwise be left out without a sound.
 */

import fs from 'node:fs';
import type { VibManifest } from '../node.ts';
import { CommandError } from './output.ts';

/** What others a VIB may speak of. */
export const RELATIONSHIPS = [
  'depends',
  'conflicts',
  'replaces',
  'provides',
  'compatibleWith',
] as const;

type Constraint = NonNullable<NonNullable<VibManifest['relationships']>['depends']>[number];

const TEXTS = [
  ...['name', 'version', 'vendor', 'summary', 'description', 'releaseDate', 'type'],
  'acceptanceLevel',
];
const FLAGS = [
  ...['maintenanceMode', 'liveInstallAllowed', 'liveRemoveAllowed', 'cimomRestart'],
  ...['statelessReady', 'overlay'],
];
const NEEDED = ['name', 'version', 'vendor'] as const;

const CONSTRAINT = /^([^\s<>=]+)(?:\s*(<<|<=|<|>=|>>|>|==?)\s*(\S+))?$/;

/** A manifest before it is checked. */
export type ManifestDraft = Readonly<Record<string, unknown>>;

/** The manifest in `file`. Throws CommandError where there is none, or it is no JSON object. */
export function readManifest(file: string): ManifestDraft {
  const manifest = parsed(file);
  if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) {
    return manifest as ManifestDraft;
  }
  throw new CommandError(`'${file}' holds no object`);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CommandError(`there is no manifest '${file}'`);
    if (error instanceof SyntaxError) throw new CommandError(`'${file}' is no JSON: ${message}`);
    throw error;
  }
}

/** `draft` as a manifest. Throws CommandError for a word that is none, or of another kind. */
export function manifestOf(draft: ManifestDraft): VibManifest {
  const manifest: Record<string, unknown> = {};
  const relationships: Record<string, readonly Constraint[]> = {};
  for (const [key, value] of Object.entries(draft)) {
    const kind = kindOf(key);
    if (kind === null) throw new CommandError(`a manifest has no '${key}'`);
    if (!kind.fits(value)) throw new CommandError(`'${key}' of a manifest is ${kind.what}`);
    if ((RELATIONSHIPS as readonly string[]).includes(key)) {
      relationships[key] = (value as readonly string[]).map(constraintOf);
    } else manifest[key] = value;
  }
  for (const key of NEEDED) {
    if (manifest[key] === undefined) throw needed(key);
  }
  return { ...manifest, relationships } as unknown as VibManifest;
}

function needed(key: string): CommandError {
  const option = key === 'version' ? 'vib-version' : key;
  return new CommandError(`a VIB takes a ${key}: --${option}, or '${key}' in the manifest`);
}

interface Kind {
  readonly what: string;
  readonly fits: (value: unknown) => boolean;
}

function kindOf(key: string): Kind | null {
  if (TEXTS.includes(key)) return { what: 'text', fits: isText };
  if (FLAGS.includes(key)) {
    return { what: 'true or false', fits: (value) => typeof value === 'boolean' };
  }
  if (key === 'tags' || (RELATIONSHIPS as readonly string[]).includes(key)) {
    return {
      what: 'an array of text',
      fits: (value) => Array.isArray(value) && value.every(isText),
    };
  }
  if (key === 'urls') return objectsOf('key', 'url');
  return key === 'platforms' ? objectsOf('version', 'locale', 'productLineId') : null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function objectsOf(...keys: readonly string[]): Kind {
  return {
    what: `an array of objects with ${keys.join(' and ')}`,
    fits: (value) =>
      Array.isArray(value) &&
      value.every((one) => {
        const names = typeof one === 'object' && one !== null ? Object.keys(one) : [];
        return (
          names.length === keys.length && keys.every((key) => isText((one as ManifestDraft)[key]))
        );
      }),
  };
}

/** `name` or `name >= version`. Throws CommandError for anything else. */
function constraintOf(said: string): Constraint {
  const [, name, relation, version] = CONSTRAINT.exec(said.trim()) ?? [];
  if (name === undefined) {
    throw new CommandError(`'${said}' names no VIB: 'name' or 'name >= version' does`);
  }
  return relation === undefined ? { name } : { name, relation, version: version! };
}

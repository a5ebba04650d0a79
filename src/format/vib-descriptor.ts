/**
 * descriptor.xml: what a VIB says of itself.
 *
 *   <vib version="5.0">
 *     <type> <name> <version> <vendor> <summary> <description> <release-date>
 *     <urls> url@key                      <software-tags> tag
 *     <relationships> depends conflicts replaces provides compatibleWith, each with
 *                     constraint@name@relation@version
 *     <system-requires> maintenance-mode softwarePlatform@version@locale@productLineID
 *     <file-list> file                    <acceptance-level>
 *     <live-install-allowed> <live-remove-allowed> <cimom-restart> <stateless-ready> <overlay>
 *     <payloads> payload@name@type@size@uncompressed-size
 *                checksum@checksum-type@verify-process
 *
 * Elements may come in any order and be missing, but for type, name, version and vendor, which are
 * the VIB's id; others are passed over (packed-size, what bundles add). Some real VIBs misspell
 * compatibleWith as compatbileWith. A descriptor that was never built has payloads without a size.
 * Dates are kept as text: real ones come with and without a zone, microseconds and the "T".
 *
 * The XML is not trusted (xml.ts), and nothing is kept but what is listed above.
 *
 * The signature of a VIB is over the bytes of its descriptor: never check what was encoded anew.
 */

import { utf8 } from '../base/bytes.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import {
  element,
  escaped,
  readXml,
  textElement,
  type XmlAttributes,
  type XmlForm,
  type XmlRefusal,
} from './xml.ts';

/** Another VIB or capability; without `relation` any version of it. */
export interface VibConstraint {
  readonly name: string;
  /** `=`, `>=`, `<<`, … as written. */
  readonly relation?: string;
  readonly version?: string;
}

/** Where to read more, and what that is called. */
export interface VibUrl {
  readonly key: string;
  readonly url: string;
}

/** A product that the VIB is for. */
export interface VibPlatform {
  readonly version: string;
  readonly locale: string;
  readonly productLineId: string;
}

/** A sum over a payload: as it is stored, or as it is after one gunzip. */
export interface VibChecksum {
  /** `sha-256` or `sha-1`. */
  readonly type: string;
  /** `gunzip`, or null for the bytes as stored. */
  readonly verifyProcess: string | null;
  /** In hexadecimal, as written. */
  readonly value: string;
}

/** One archive of files, a member of the VIB. */
export interface VibPayload {
  readonly name: string;
  /** `vgz`, `tgz`, … */
  readonly type: string;
  /** Bytes of its ar member; null in a descriptor that was never built into a VIB. */
  readonly size: number | null;
  /** Bytes after one gunzip, where the descriptor says. */
  readonly uncompressedSize: number | null;
  readonly checksums: readonly VibChecksum[];
}

const RELATIONSHIPS = ['depends', 'conflicts', 'replaces', 'provides', 'compatibleWith'] as const;

/** How a VIB refers to others: depends, conflicts, replaces, provides, compatibleWith. */
export type VibRelationship = (typeof RELATIONSHIPS)[number];

/** What a descriptor says; what it leaves out is empty, false, or `community`. */
export interface VibContent {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly vendor: string;
  readonly summary: string;
  readonly description: string;
  readonly releaseDate: string;
  readonly urls: readonly VibUrl[];
  readonly relationships: Readonly<Record<VibRelationship, readonly VibConstraint[]>>;
  readonly tags: readonly string[];
  readonly maintenanceMode: boolean;
  readonly platforms: readonly VibPlatform[];
  /** Paths without a leading slash, and no directories. */
  readonly files: readonly string[];
  readonly acceptanceLevel: string;
  readonly liveInstallAllowed: boolean;
  readonly liveRemoveAllowed: boolean;
  readonly cimomRestart: boolean;
  readonly statelessReady: boolean;
  /** Whether it may cover files of other VIBs. */
  readonly overlay: boolean;
  readonly payloads: readonly VibPayload[];
}

/** A descriptor that was read. */
export interface VibDescriptor extends VibContent {
  /** `vendor_type_name_version`: what `esxcli software vib` calls it. */
  readonly id: string;
}

/** Elements that hold nothing but text, and what each is here. */
const TEXTS = {
  type: 'type',
  name: 'name',
  version: 'version',
  vendor: 'vendor',
  summary: 'summary',
  description: 'description',
  'release-date': 'releaseDate',
  'acceptance-level': 'acceptanceLevel',
} as const;

const FLAGS = {
  'live-install-allowed': 'liveInstallAllowed',
  'live-remove-allowed': 'liveRemoveAllowed',
  'cimom-restart': 'cimomRestart',
  'stateless-ready': 'statelessReady',
  overlay: 'overlay',
} as const;

type TextKey = (typeof TEXTS)[keyof typeof TEXTS];
type FlagKey = (typeof FLAGS)[keyof typeof FLAGS] | 'maintenanceMode';

const FORM: XmlForm = {
  what: 'a descriptor',
  root: ['vib', 'a VIB'],
  maxBytes: DESCRIPTOR_MAX_BYTES,
};

/** What has been read so far, and where in it things go. */
interface Draft {
  readonly texts: Partial<Record<TextKey, string>>;
  readonly flags: Partial<Record<FlagKey, boolean>>;
  readonly relationships: Record<VibRelationship, VibConstraint[]>;
  readonly urls: VibUrl[];
  readonly tags: string[];
  readonly platforms: VibPlatform[];
  readonly files: string[];
  readonly payloads: VibPayload[];
  /** Of the payload that is open. */
  checksums: VibChecksum[];
}

/** What to do when the element at a path ends, with its text and attributes. */
type Taker = (draft: Draft, content: string, attributes: XmlAttributes, refuse: XmlRefusal) => void;

function takers(): ReadonlyMap<string, Taker> {
  const map = new Map<string, Taker>([
    ['urls/url', ({ urls }, url, { key = '' }) => urls.push({ key, url })],
    ['software-tags/tag', ({ tags }, tag) => tags.push(tag)],
    ['file-list/file', ({ files }, file) => files.push(file)],
    ['system-requires/maintenance-mode', takeFlag('maintenanceMode')],
    ['system-requires/softwarePlatform', takePlatform],
    ['payloads/payload', takePayload],
    ['payloads/payload/checksum', takeChecksum],
    ['relationships/compatbileWith/constraint', takeConstraint('compatibleWith')],
  ]);
  for (const name of RELATIONSHIPS) {
    map.set(`relationships/${name}/constraint`, takeConstraint(name));
  }
  for (const [element, key] of Object.entries(FLAGS)) map.set(element, takeFlag(key));
  for (const [element, key] of Object.entries(TEXTS)) {
    map.set(element, ({ texts }, content) => {
      texts[key] = content;
    });
  }
  return map;
}

function takeFlag(key: FlagKey): Taker {
  return ({ flags }, content) => {
    flags[key] = content === 'true';
  };
}

function takeConstraint(relationship: VibRelationship): Taker {
  return ({ relationships }, _content, { name = '', relation, version }) => {
    relationships[relationship].push({
      name,
      ...(relation === undefined ? {} : { relation }),
      ...(version === undefined ? {} : { version }),
    });
  };
}

const takePlatform: Taker = ({ platforms }, _content, attributes) => {
  const { version = '', locale = '', productLineID: productLineId = '' } = attributes;
  platforms.push({ version, locale, productLineId });
};

const takeChecksum: Taker = ({ checksums }, value, attributes) => {
  const type = attributes['checksum-type'] ?? '';
  checksums.push({ type, verifyProcess: attributes['verify-process'] ?? null, value });
};

const takePayload: Taker = (draft, _content, attributes, refuse) => {
  const { name = '', type = '', size, 'uncompressed-size': uncompressedSize } = attributes;
  draft.payloads.push({
    name,
    type,
    size: sizeOf(size, refuse),
    uncompressedSize: sizeOf(uncompressedSize, refuse),
    checksums: draft.checksums,
  });
  draft.checksums = [];
};

function sizeOf(decimal: string | undefined, refuse: XmlRefusal): number | null {
  if (decimal === undefined) return null;
  if (/^\d{1,15}$/.test(decimal)) return Number(decimal);
  return refuse(`a payload of size ${JSON.stringify(decimal.slice(0, 24))}`);
}

const TAKERS = takers();

/** `vendor_type_name_version`: what `esxcli software vib` calls a VIB. */
export function vibId(vib: Pick<VibContent, 'vendor' | 'type' | 'name' | 'version'>): string {
  return `${vib.vendor}_${vib.type}_${vib.name}_${vib.version}`;
}

/**
 * Reads a descriptor; `archive` is what messages call it. Throws CorruptError, with the byte that
 * it was found at, where it is no well-formed XML, has a document type, is no VIB's, or is too
 * large.
 */
export function parseVibDescriptor(bytes: Uint8Array, archive: string): VibDescriptor {
  const draft = emptyDraft();
  const refuse = readXml(bytes, archive, FORM, ({ path, content, attributes }, refuseHere) => {
    TAKERS.get(path)?.(draft, content, attributes, refuseHere);
  });
  return finished(draft, refuse);
}

function emptyDraft(): Draft {
  return {
    texts: {},
    flags: {},
    relationships: { depends: [], conflicts: [], replaces: [], provides: [], compatibleWith: [] },
    urls: [],
    tags: [],
    platforms: [],
    files: [],
    payloads: [],
    checksums: [],
  };
}

function finished(draft: Draft, refuse: XmlRefusal): VibDescriptor {
  const { texts, flags } = draft;
  const needed = (key: TextKey): string => {
    return texts[key] || refuse(`a descriptor without a ${key}`);
  };
  const [type, name] = [needed('type'), needed('name')];
  const [version, vendor] = [needed('version'), needed('vendor')];
  return {
    id: vibId({ vendor, type, name, version }),
    type,
    name,
    version,
    vendor,
    summary: texts.summary ?? '',
    description: texts.description ?? '',
    releaseDate: texts.releaseDate ?? '',
    urls: draft.urls,
    relationships: draft.relationships,
    tags: draft.tags,
    maintenanceMode: flags.maintenanceMode ?? false,
    platforms: draft.platforms,
    files: draft.files,
    acceptanceLevel: texts.acceptanceLevel || 'community',
    liveInstallAllowed: flags.liveInstallAllowed ?? false,
    liveRemoveAllowed: flags.liveRemoveAllowed ?? false,
    cimomRestart: flags.cimomRestart ?? false,
    statelessReady: flags.statelessReady ?? false,
    overlay: flags.overlay ?? false,
    payloads: draft.payloads,
  };
}

/**
 * A descriptor that says `content`, on one line and in the order of elements that VMware writes.
 * `place` is XML: what metadata says beside it of where the VIB is.
 */
export function encodeVibDescriptor(content: VibContent, place = ''): Uint8Array {
  const texts = Object.entries(TEXTS).map(([name, key]) => textElement(name, content[key]));
  const flags = Object.entries(FLAGS).map(([name, key]) => element(name, {}, `${content[key]}`));
  const level = texts.pop()!;
  const urls = content.urls.map(({ key, url }) => element('url', { key }, escaped(url)));
  const tags = content.tags.map((tag) => textElement('tag', tag));
  const files = content.files.map((file) => textElement('file', file));
  const platforms = content.platforms.map(({ version, locale, productLineId }) => {
    return element('softwarePlatform', { version, locale, productLineID: productLineId });
  });
  const requires = element('maintenance-mode', {}, `${content.maintenanceMode}`);
  const whole = element(
    'vib',
    { version: '5.0' },
    texts.join('') +
      element('urls', {}, urls.join('')) +
      element('relationships', {}, relationshipElements(content.relationships)) +
      element('software-tags', {}, tags.join('')) +
      place +
      element('system-requires', {}, requires + platforms.join('')) +
      element('file-list', {}, files.join('')) +
      level +
      flags.join('') +
      element('payloads', {}, content.payloads.map(payloadElement).join('')),
  );
  return utf8(whole);
}

/** What the element `relationships` holds where they are `relationships`. */
export function relationshipElements(relationships: VibContent['relationships']): string {
  return RELATIONSHIPS.map((name) => {
    const constraints = relationships[name].map((one) => element('constraint', { ...one }));
    return element(name, {}, constraints.join(''));
  }).join('');
}

function payloadElement({ name, type, size, uncompressedSize, checksums }: VibPayload): string {
  const sums = checksums.map((sum) => {
    const attributes = { 'checksum-type': sum.type, 'verify-process': sum.verifyProcess };
    return element('checksum', attributes, escaped(sum.value));
  });
  return element(
    'payload',
    { name, type, size, 'uncompressed-size': uncompressedSize },
    sums.join(''),
  );
}

/**
 * The image database: what is installed on a host, since when and from where.
 *
 *   imgdb.tgz                                gzip of a GNU tar, a module of the boot bank
 *     var/db/esximg/vibs/<name>-<n>.xml      the descriptor of an installed VIB, to the byte, and
 *                                            in it, last, <installdate>2026-11-28T…</installdate>
 *     var/db/esximg/profiles/<name>-<n>.xml  one image profile, which says of each VIB which
 *                                            modules its payloads are, and where it came from
 *
 * The places, the names and installdate are ESXi's; <n> is a signed number of 64 bits there too,
 * and here the start of the SHA-256 of the VIB's id, or of the profile's name. A module that no
 * payload is belongs to nobody who is known.
 *
 * Every VIB of the profile has its file and every file its place in the profile, or the database is
 * refused: half a list would be believed.
 */

import { text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import type { Codec } from '../codec/codec.ts';
import {
  encodeImageProfile,
  type ImageProfile,
  parseImageProfile,
} from '../format/image-profile.ts';
import { parseVibDescriptor } from '../format/vib-descriptor.ts';
import { textElement } from '../format/xml.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { acceptanceLevel } from './acceptance.ts';
import { archiveFiles } from './archive-files.ts';
import type { InstalledProfile, InstalledVib } from './installed-profile.ts';
import { completeEntries, gnuTar, type PayloadEntry } from './payload-tar.ts';

/** The module that it is. */
export const IMAGE_DB_FILE = 'imgdb.tgz';

const VIBS = 'var/db/esximg/vibs/';
const PROFILES = 'var/db/esximg/profiles/';

/** The bytes of the imgdb.tgz that says `profile`: the same profile gives the same bytes. */
export async function encodeImageDb(profile: InstalledProfile, codec: Codec): Promise<Uint8Array> {
  const name = await fileName(profile.name, profile.name, codec);
  const entries = [fileEntry(PROFILES + name, profileXml(profile))];
  for (const vib of profile.vibs) {
    const { id, name: stem } = vib.descriptor;
    entries.push(fileEntry(VIBS + (await fileName(stem, id, codec)), installedXml(vib)));
  }
  return codec.gzip(gnuTar(completeEntries(entries, 0)));
}

function fileEntry(path: string, content: Uint8Array): PayloadEntry {
  return { path, kind: 'file', mode: 0o644, mtimeSeconds: 0, content, target: '' };
}

/** What the database in `tardisk` says. Throws CorruptError where it lies or lacks something. */
export function parseImageDb(tardisk: Tardisk): InstalledProfile {
  const refuse = (claim: string): never => {
    throw new CorruptError(tardisk.name, 0, claim);
  };
  const profiles: ImageProfile[] = [];
  const found = new Map<string, FoundVib>();
  for (const { path, row } of archiveFiles(tardisk)) {
    const isProfile = path.startsWith(PROFILES);
    if (!isProfile && !path.startsWith(VIBS)) continue;
    const size = tardisk.size[row]!;
    if (size > DESCRIPTOR_MAX_BYTES) refuse(`'${path}' of ${size} bytes`);
    const bytes = new Uint8Array(size);
    tardisk.readInto(row, bytes, 0);
    const name = `${tardisk.name}!${path}`;
    if (isProfile) profiles.push(parseImageProfile(bytes, name));
    else {
      const vib = parseInstalled(bytes, name);
      found.set(vib.descriptor.id, vib);
    }
  }
  const [only] = profiles;
  if (only === undefined || profiles.length > 1) {
    return refuse(`has ${profiles.length} image profiles`);
  }
  const { creator, modifiedTime, vibIds, places, ...texts } = only;
  const vibs = vibIds.map((id): InstalledVib => {
    const vib = found.get(id) ?? refuse(`has no descriptor of the VIB '${id}'`);
    found.delete(id);
    const { payloads = [], origin = '' } = places?.get(id) ?? {};
    return { ...vib, origin, payloads };
  });
  for (const id of found.keys()) refuse(`has a descriptor of '${id}', which is not in its profile`);
  const level = acceptanceLevel(texts.acceptanceLevel);
  if (level === null) return refuse(`accepts '${texts.acceptanceLevel}', which is no level`);
  return {
    ...texts,
    vendor: creator,
    modificationTime: modifiedTime,
    acceptanceLevel: level,
    vibs,
  };
}

type FoundVib = Pick<InstalledVib, 'descriptor' | 'descriptorBytes' | 'installDate'>;

const END = '</vib';
const DATED = /<installdate>([^<]*)<\/installdate>$/;

/** The descriptor of `vib` with the date in it. */
function installedXml({ descriptorBytes, installDate }: InstalledVib): Uint8Array {
  const [body, end] = halves(text(descriptorBytes));
  return utf8(body + textElement('installdate', installDate) + end);
}

function parseInstalled(bytes: Uint8Array, name: string): FoundVib {
  const descriptor = parseVibDescriptor(bytes, name);
  const [body, end] = halves(text(bytes));
  const installDate = DATED.exec(body)?.[1] ?? '';
  return { descriptor, descriptorBytes: utf8(body.replace(DATED, '') + end), installDate };
}

/** A descriptor up to the end of its root, and from there on. */
function halves(xml: string): [body: string, end: string] {
  const end = xml.lastIndexOf(END);
  return [xml.slice(0, end), xml.slice(end)];
}

function profileXml({ vibs, vendor, modificationTime, ...texts }: InstalledProfile): Uint8Array {
  return encodeImageProfile({
    ...texts,
    creator: vendor,
    modifiedTime: modificationTime,
    vibIds: vibs.map(({ descriptor }) => descriptor.id),
    places: new Map(vibs.map((vib) => [vib.descriptor.id, vib])),
  });
}

const STEM_MAX_CHARACTERS = 60;

/** `<stem>-<n>.xml`, as ESXi calls its files: of what a path cannot have nothing is left. */
async function fileName(stem: string, id: string, codec: Codec): Promise<string> {
  const sum = await codec.sha256(utf8(id));
  const number = new DataView(sum.buffer, sum.byteOffset).getBigInt64(0);
  const safe = stem.replace(/[/\0]/g, '_').slice(0, STEM_MAX_CHARACTERS);
  return `${safe}-${number}.xml`;
}

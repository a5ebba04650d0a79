/**
 * Whether a depot holds what it says.
 *
 *   of a VIB
 *     vib-missing         the metadata speaks of it, and it is not there
 *     vib-size            it has another size than the metadata says
 *     vib-checksum        it has another sum than the metadata says
 *     checksum-unknown    the metadata has a kind of sum that is not known here
 *     vib-unreadable      it is no VIB
 *     metadata-differs    its own descriptor says something else than the metadata
 *   of the depot
 *     id-repeated         two VIBs, or two bulletins, that differ have one id
 *     vib-unlisted        a VIB lies in the depot that no metadata speaks of
 *     bulletin-differs    vmware.xml and bulletins/ do not agree
 *     published-differs   vmware.xml and vibs/ do not agree on where a VIB is
 *     not-in-depot        a bulletin or profile wants a VIB that the metadata does not speak of
 *
 * What is wrong with a VIB in itself is in `findings.ts`. That the chain of indexes is whole was
 * seen when the depot was opened (depot.ts).
 */

import { CorruptError } from '../base/errors.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { vibPackageIn } from '../layer/vib-package.ts';
import { hexSum } from './checksum.ts';
import type { Depot, DepotVib } from './depot.ts';
import { inMemory, openInDepot } from './depot-source.ts';
import { type VerifyOptions, type VibVerification, verifyVib } from './verify.ts';

/** What is found wrong, by its word. */
export type DepotFindingCode =
  | 'vib-missing'
  | 'vib-size'
  | 'vib-checksum'
  | 'checksum-unknown'
  | 'vib-unreadable'
  | 'metadata-differs'
  | 'id-repeated'
  | 'vib-unlisted'
  | 'bulletin-differs'
  | 'published-differs'
  | 'not-in-depot';

/** One thing that does not hold. */
export interface DepotFinding {
  readonly code: DepotFindingCode;
  /** The VIB, bulletin, profile or file that it is about. */
  readonly subject: string;
  /** A sentence without its full stop. */
  readonly message: string;
}

/** What was found of a VIB of a depot. */
export interface DepotVibVerification {
  readonly vib: DepotVib;
  /** What it is in itself; null where it could not be opened. */
  readonly verification: VibVerification | null;
  /** Where the depot says something else of it. */
  readonly findings: readonly DepotFinding[];
}

/** What was found of a depot: it holds where there are no findings, and its VIBs have none. */
export interface DepotVerification {
  readonly vibs: readonly DepotVibVerification[];
  readonly findings: readonly DepotFinding[];
}

/** How to verify. */
export interface VerifyDepotOptions extends Pick<VerifyOptions, 'signature'> {
  /** Told before each VIB, and at the end. */
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly count: number;
    readonly what: string;
  }) => void;
  /** Ends it: what was its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Looks at everything in `depot`. What lies is a finding; throws only what reading throws where a
 * file or a server fails, and CorruptError where a root is no certificate.
 */
export async function verifyDepot(
  depot: Depot,
  codec: Codec,
  options: VerifyDepotOptions = {},
): Promise<DepotVerification> {
  const vibs: DepotVibVerification[] = [];
  const count = depot.vibs.length;
  for (const [done, vib] of depot.vibs.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ done, count, what: vib.id });
    vibs.push(await verifyOne(depot, vib, codec, options));
  }
  options.onProgress?.({ done: count, count, what: '' });
  return { vibs, findings: await depotFindings(depot) };
}

/** Whether nothing was found. */
export function holds({ vibs, findings }: DepotVerification): boolean {
  const sound = vibs.every((one) => {
    return one.findings.length === 0 && one.verification?.findings.length === 0;
  });
  return sound && findings.length === 0;
}

async function verifyOne(
  depot: Depot,
  vib: DepotVib,
  codec: Codec,
  { signature }: VerifyDepotOptions,
): Promise<DepotVibVerification> {
  const findings: DepotFinding[] = [];
  const found = (code: DepotFindingCode, message: string): void => {
    findings.push({ code, subject: vib.id, message });
  };
  const file = await corrupt(
    () => openInDepot(depot.source, vib.path),
    (message) => found('vib-unreadable', message),
  );
  if (file === null) found('vib-missing', `there is no '${vib.path}'`);
  if (file === null || file === undefined) return { vib, verification: null, findings };
  const source = inMemory(file);
  try {
    await compareFile(source, vib, codec, found);
    const opened = await corrupt(
      async () => vibPackageIn(source),
      (message) => found('vib-unreadable', message),
    );
    if (opened === undefined) return { vib, verification: null, findings };
    const fields = differingFields(opened.descriptor, vib.descriptor);
    if (fields.length > 0) {
      found('metadata-differs', `the VIB and the metadata differ in ${fields.join(', ')}`);
    }
    const options = signature === undefined ? {} : { signature };
    return { vib, verification: await verifyVib(opened, codec, options), findings };
  } finally {
    source.close();
  }
}

/** What `act` gives; where the bytes lie, `found` is told, and it gives undefined. */
async function corrupt<T>(
  act: () => Promise<T>,
  found: (message: string) => void,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    found(error.message);
    return undefined;
  }
}

async function compareFile(
  source: Source,
  { packedSize, checksum }: DepotVib,
  codec: Codec,
  found: (code: DepotFindingCode, message: string) => void,
): Promise<void> {
  if (source.size !== packedSize) {
    found('vib-size', `the file has ${source.size} bytes, the metadata says ${packedSize}`);
  }
  if (checksum.type !== 'sha-256') {
    found('checksum-unknown', `the metadata has a sum of the kind '${checksum.type}'`);
    return;
  }
  const sum = await hexSum('sha-256', readBytes(source, 0, source.size), codec);
  if (sum !== checksum.value.toLowerCase()) {
    found('vib-checksum', `the file's sha-256 is ${sum}, the metadata says ${checksum.value}`);
  }
}

/**
 * What two descriptors say differently, by its name. Dates are alike where one has gained the zone
 * that both mean.
 */
export function differingFields(one: VibDescriptor, other: VibDescriptor): readonly string[] {
  const keys = Object.keys(one) as (keyof VibDescriptor)[];
  const said = (vib: VibDescriptor, key: keyof VibDescriptor): string => {
    if (key === 'releaseDate') return vib.releaseDate.replace(/(\+00:00|Z)$/, '');
    return JSON.stringify(vib[key]);
  };
  return keys.filter((key) => said(one, key) !== said(other, key));
}

async function depotFindings(depot: Depot): Promise<readonly DepotFinding[]> {
  const { vibs, bulletins, publishedBulletins, profiles } = depot;
  const vibIds = new Set(vibs.map(({ id }) => id));
  return [
    ...repeated(vibs, 'VIBs'),
    ...repeated(bulletins, 'bulletins'),
    ...(await unlisted(depot)),
    ...differingBulletins(bulletins, publishedBulletins),
    ...differingPublished(depot),
    ...bulletins.flatMap(({ id, vibIds: wanted }) => missing(`bulletin ${id}`, wanted, vibIds)),
    ...profiles.flatMap(({ name, vibIds: wanted }) => missing(`profile ${name}`, wanted, vibIds)),
  ];
}

interface Named {
  readonly id: string;
}

function repeated(all: readonly Named[], what: string): DepotFinding[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id } of all) (seen.has(id) ? twice : seen).add(id);
  return [...twice].map((subject) => {
    return { code: 'id-repeated', subject, message: `several ${what} that differ have this id` };
  });
}

async function unlisted({ source, vibs }: Depot): Promise<DepotFinding[]> {
  const listed = new Set(vibs.map(({ path }) => path));
  const paths = (await source.list()) ?? [];
  const stray = paths.filter((path) => path.endsWith('.vib') && !listed.has(path));
  const message = 'no metadata speaks of this VIB';
  return stray.map((subject) => ({ code: 'vib-unlisted', subject, message }));
}

function differingBulletins(
  bulletins: Depot['bulletins'],
  published: Depot['bulletins'],
): DepotFinding[] {
  const one = new Map(bulletins.map((bulletin) => [JSON.stringify(bulletin), bulletin.id]));
  const other = new Map(published.map((bulletin) => [JSON.stringify(bulletin), bulletin.id]));
  const found = (subject: string, message: string): DepotFinding => {
    return { code: 'bulletin-differs', subject, message };
  };
  return [
    ...[...one].flatMap(([said, id]) => {
      return other.has(said) ? [] : [found(id, 'vmware.xml does not have this bulletin so')];
    }),
    ...[...other].flatMap(([said, id]) => {
      return one.has(said) ? [] : [found(id, 'vmware.xml has this bulletin, bulletins/ has not')];
    }),
  ];
}

function differingPublished({ vibs, publishedVibs }: Depot): DepotFinding[] {
  const said = new Set(
    vibs.map(({ id, path, packedSize, checksum }) => {
      return JSON.stringify([id, path, `${packedSize}`, checksum.type, checksum.value]);
    }),
  );
  return publishedVibs.flatMap(({ id, path, packedSize, checksumType, checksum }) => {
    if (said.has(JSON.stringify([id, path, packedSize, checksumType, checksum]))) return [];
    const message = 'vmware.xml has another path, size or sum of it than vibs/';
    return [{ code: 'published-differs', subject: id, message }];
  });
}

function missing(
  subject: string,
  wanted: readonly string[],
  there: ReadonlySet<string>,
): DepotFinding[] {
  return wanted
    .filter((id) => !there.has(id))
    .map((id) => ({ code: 'not-in-depot', subject, message: `wants ${id}, which is not here` }));
}

/**
 * Small VIBs and bundles, made right, and changed as a test says.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { createVib, type VibManifest } from '../../src/software/create.ts';
import { type BundleManifest, createBundle } from '../../src/software/create-bundle.ts';
import { unzipped, zipOf } from './zips.ts';

/** Names of files, and what they hold. */
export type Files = Readonly<Record<string, string>>;

/** The bytes of a VIB called `name` with one payload of `files`. */
export async function vibOf(
  name: string,
  files: Files = { [`etc/${name}`]: name },
  manifest: Partial<VibManifest> = {},
): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([path, content]) => ({
    path,
    kind: 'file' as const,
    mode: 0o644,
    mtimeSeconds: 946684800,
    content: utf8(content),
    target: '',
  }));
  const said = { name, version: '1.0.0-1', vendor: 'us', ...manifest };
  const { bytes } = await createVib(said, [{ name: name.slice(0, 8), type: 'tgz', entries }]);
  return bytes;
}

/** The bytes of a bundle of `vibs`. */
export async function bundleOf(
  vibs: readonly Uint8Array[],
  manifest?: BundleManifest,
): Promise<Uint8Array> {
  const sources = vibs.map((bytes, index) => bytesSource(bytes, `${index}.vib`));
  return concatBytes((await createBundle(sources, nativeCodec, manifest)).pieces);
}

/** What a bundle is made of: its files, and those of its metadata.zip. */
export interface BundleFiles {
  readonly files: Map<string, Uint8Array>;
  readonly metadata: Map<string, Uint8Array>;
}

/** `bundle` after `change`. */
export async function changedBundle(
  bundle: Uint8Array,
  change: (parts: BundleFiles) => void,
): Promise<Uint8Array> {
  const files = unzipped(bundle);
  const metadata = unzipped(files.get('metadata.zip')!);
  change({ files, metadata });
  if (files.has('metadata.zip')) {
    files.set('metadata.zip', await zipOf(Object.fromEntries(metadata)));
  }
  return zipOf(Object.fromEntries(files));
}

/** Puts `after` in the place of `before` in the text of every file of `files` that `name` fits. */
export function replaceIn(
  files: Map<string, Uint8Array>,
  name: RegExp,
  before: string | RegExp,
  after: string,
): void {
  let count = 0;
  for (const [path, bytes] of files) {
    const said = Buffer.from(bytes).toString();
    if (!name.test(path) || said.replace(before, after) === said) continue;
    files.set(path, utf8(said.replace(before, after)));
    count += 1;
  }
  if (count === 0) throw new Error(`nothing to replace: ${before}`);
}

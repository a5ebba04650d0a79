/**
 * VIBs that are wrong in one place: made right, then changed as a test says.
 */

import { concatBytes } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { encodeAr } from '../../src/format/ar.ts';
import { encodeVibDescriptor, type VibDescriptor } from '../../src/format/vib-descriptor.ts';
import { type VibPackage, vibPackageIn } from '../../src/layer/vib-package.ts';
import { createVib, type VibManifest } from '../../src/software/create.ts';
import type { PayloadEntry } from '../../src/software/payload-tar.ts';

/** What every one of them is called. */
export const MANIFEST: VibManifest = { name: 'tool', version: '1.0.0-1', vendor: 'us' };

/** A file, or a directory where the path ends in a slash. */
export function payloadEntry(path: string, content = ''): PayloadEntry {
  const isDirectory = path.endsWith('/');
  return {
    path: isDirectory ? path.slice(0, -1) : path,
    kind: isDirectory ? 'directory' : 'file',
    mode: isDirectory ? 0o755 : 0o644,
    mtimeSeconds: 946684800,
    content: new TextEncoder().encode(content),
    target: '',
  };
}

/** A VIB in memory. */
export function opened(bytes: Uint8Array, name = 'tool.vib'): VibPackage {
  return vibPackageIn(bytesSource(bytes, name));
}

/** The VIB of one payload `tool` with two files. */
export async function soundVib(manifest: Partial<VibManifest> = {}): Promise<VibPackage> {
  const entries = [payloadEntry('etc/tool.conf', 'a = 1\n'), payloadEntry('bin/tool', '#!')];
  const payloads = [{ name: 'tool', type: 'tgz' as const, entries }];
  const { bytes } = await createVib({ ...MANIFEST, ...manifest }, payloads);
  return opened(bytes);
}

/** What to change of a VIB. */
export interface Change {
  readonly descriptor?: (descriptor: VibDescriptor) => Partial<VibDescriptor>;
  readonly signature?: (descriptor: Uint8Array) => Uint8Array;
  /** Stored bytes by name; null takes the member out. */
  readonly members?: Readonly<Record<string, Uint8Array | null>>;
}

/** `vib` with `change`. */
export function changed(vib: VibPackage, { descriptor, signature, members }: Change): VibPackage {
  const said = { ...vib.descriptor, ...descriptor?.(vib.descriptor) };
  const encoded = descriptor === undefined ? vib.descriptorBytes : encodeVibDescriptor(said);
  const contents = new Map(vib.members.map(({ name }) => [name, vib.stored(name)!]));
  contents.set('descriptor.xml', encoded);
  if (signature !== undefined) contents.set('sig.pkcs7', signature(encoded));
  for (const [name, bytes] of Object.entries(members ?? {})) {
    if (bytes === null) contents.delete(name);
    else contents.set(name, bytes);
  }
  const list = [...contents].map(([name, bytes]) => ({ name, bytes }));
  return opened(encodeAr(list));
}

/** `vib` with one more member at its end, which may have the name of another. */
export function withMember(vib: VibPackage, name: string, bytes: Uint8Array): VibPackage {
  const { source } = vib;
  const whole = source.resident(0, source.size)!;
  return opened(concatBytes([whole, encodeAr([{ name, bytes }]).subarray(8)]));
}

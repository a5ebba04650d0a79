/**
 * memfs, filled twice over: by a copy loop by hand, which is the fastest way, and by tar-stream.
 */

import { memfs } from 'memfs';
import { type Fs, type PromisesFs, type Subject, subject } from '../peers.ts';
import { copyTar, gunzipped } from './bare-tar.ts';
import { extractTar } from './recipe.ts';

/** `archives` copied into one volume by hand. */
export async function mountMemfs(...archives: readonly Uint8Array[]): Promise<Subject> {
  const volume = emptyMemfs();
  for (const archive of archives) copyTar(gunzipped(archive), volume.fs, '');
  return volume;
}

/** `archives` extracted into one volume by tar-stream. */
export async function mountByTarStream(...archives: readonly Uint8Array[]): Promise<Subject> {
  const volume = emptyMemfs();
  for (const archive of archives) await extractTar(archive, volume.fs);
  return volume;
}

function emptyMemfs(): Subject {
  const { fs } = memfs();
  return subject(fs as unknown as Fs, fs.promises as unknown as PromisesFs);
}

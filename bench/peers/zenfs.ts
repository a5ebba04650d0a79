/**
 * ZenFS with its InMemory, which is one file system for the process: mounting again starts afresh.
 */

import { type Fs, type Mounter, type PromisesFs, subject } from '../peers.ts';
import { copyTar, gunzipped } from './bare-tar.ts';
import { rival } from './rivals.ts';

interface Zenfs {
  readonly fs: Fs & { readonly promises: PromisesFs };
  readonly InMemory: unknown;
  configureSingle(options: { readonly backend: unknown }): Promise<void>;
}

/** Copies archives into the one InMemory. */
export async function zenfsMounter(): Promise<Mounter> {
  const { fs, InMemory, configureSingle } = await rival<Zenfs>('@zenfs/core');
  return async (...archives) => {
    await configureSingle({ backend: InMemory });
    for (const archive of archives) copyTar(gunzipped(archive), fs, '');
    return subject(fs, fs.promises);
  };
}

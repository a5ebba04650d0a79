/**
 * unionfs over memfs volumes, one for each archive: layers that are asked in turn.
 */

import { type Fs, type Mounter, subject } from '../peers.ts';
import { mountMemfs } from './memfs.ts';
import { rival } from './rivals.ts';

interface Union extends Fs {
  use(fs: Fs): Union;
}

/** Mounts archives over each other, each in a volume of its own. */
export async function unionMounter(): Promise<Mounter> {
  const { Union } = await rival<{ Union: new () => Union }>('unionfs');
  return async (...archives) => {
    const union = new Union();
    for (const archive of archives) union.use((await mountMemfs(archive)).fs);
    return subject(union);
  };
}

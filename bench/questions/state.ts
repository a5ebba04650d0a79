/**
 * What a backup of the state costs: 500 files, 4.7 MB, to a state.tgz.
 *
 * Claim: it costs what gzip costs.
 * Yardstick: bare ustar headers around the same bytes, and one gzipSync at level 6.
 */

import { gzipSync } from 'node:zlib';
import { contentOf, type Manifest, manifestOf, tarOf } from '../archives.ts';
import { batched } from '../clock.ts';
import type { Peer } from '../peers.ts';
import { atMost, type Question, timed } from '../question.ts';
import { check } from '../verify.ts';

const AVERAGE_BYTES = 9200;
const LEVEL = 6;
const STICKY_MODE = 0o1644;
const LINE = 'state.tgz of 500 files, 4.7 MB';

/** A backup against the least that it can be. */
export const state: Question = {
  name: 'state',
  chapter: 'Writes',
  claim: 'a backup costs what gzip costs',
  kind: 'steady',
  peers: ['visorfs', 'floor', 'tar-stream'],
  targets: [atMost(1.2, 'floor', LINE)],
  async ask(peer, scale) {
    const stated = { ...scale, baseFiles: scale.stateFiles, baseAverageBytes: AVERAGE_BYTES };
    const manifest = manifestOf('base', stated);
    const pack = await packerOf(peer, manifest);
    let packed: Uint8Array = new Uint8Array(0);
    const nanoseconds = await batched(scale, 1, {
      run: async () => {
        packed = await pack();
      },
    });
    check(packed[0] === 0x1f && packed.length > manifest.files.length, 'a state');
    return [timed(LINE, nanoseconds)];
  },
};

async function packerOf(peer: Peer, manifest: Manifest): Promise<() => Promise<Uint8Array>> {
  if (peer === 'floor') return async () => gzipSync(tarOf(manifest), { level: LEVEL });
  if (peer === 'tar-stream') {
    const { mountMemfs } = await import('../peers/memfs.ts');
    const { packTar } = await import('../peers/recipe.ts');
    const { fs } = await mountMemfs(tarOf(manifest));
    return () =>
      packTar(
        fs,
        manifest.files.map(({ path }) => path),
      );
  }
  const { Image, openTardisk, VisorFs } = await import('../../src/node.ts');
  const image = Image.of(await openTardisk(tarOf(manifest)));
  const vfs = new VisorFs(image, { stateRoots: ['/usr'] });
  for (const file of manifest.files) {
    vfs.fs.chmodSync(file.path, STICKY_MODE);
    vfs.fs.writeFileSync(file.path, contentOf(file));
  }
  check(vfs.state().length === manifest.files.length, 'files that are state');
  return () => vfs.backup();
}

/**
 * What runs in the page: the contract suite and the probes over the door for any runtime, and what
 * only a page can say. Sends what came of it to '/answer'.
 *
 * Packed by page.test.ts with stand-ins for what the suites take of Node and of vitest; the door
 * itself gets none.
 */

import {
  Host,
  memoryDevice,
  mount,
  readState,
  type StateError,
  VisorError,
  VisorFs,
} from '../../src/index.ts';
import { contentProbes } from '../contract/content-probes.ts';
import { descriptorProbes } from '../contract/descriptor-probes.ts';
import type { AnyFs, Flavour } from '../contract/outcome.ts';
import { pathProbes } from '../contract/path-probes.ts';
import { buildScene } from '../contract/scene.ts';
import { contractSuite } from '../contract/suite.ts';
import { exact, told } from '../contract/told.ts';
import { outcomes } from './vitest.ts';

/** Where the scene is, in the page and on the kernel. */
declare const SCENE: string;

const facade = ({ fs }: VisorFs): AnyFs => fs as unknown as AnyFs;

const written = (): AnyFs => {
  const fs = facade(new VisorFs(undefined, { clock: () => 0 }));
  fs.mkdirSync(SCENE, { recursive: true });
  buildScene(fs, SCENE);
  return fs;
};

async function probed(): Promise<Record<string, object>> {
  const all: Record<string, object> = {};
  const flavours: readonly Flavour[] = ['sync', 'promises'];
  for (const probe of [pathProbes, contentProbes, descriptorProbes].flatMap(
    (of) => of(SCENE).all,
  )) {
    for (const flavour of flavours.filter((one) => probe.flavours.includes(one))) {
      const title = `${probe.verb} ${probe.title} (${flavour})`;
      all[title] = await told(written, SCENE, probe, flavour);
    }
  }
  return all;
}

/** What is said of bytes, archives and limits in a page. */
async function ofPage(): Promise<Record<string, unknown>> {
  const { fs } = new VisorFs();
  fs.writeFileSync('/f', new Uint8Array([104, 195, 169]));
  fs.symlinkSync('f', '/l');
  const archive = await (await fetch('/archive.tgz')).blob();
  const mounted = await mount(archive);
  const packed: unknown[] = [];
  for (const name of ['/signed.vxz', '/archive.vzstd']) {
    const disk = await mount(await (await fetch(name)).blob());
    packed.push(disk.fs.readFileSync('/etc/motd', 'utf8'));
  }
  const small = new VisorFs(undefined, {
    ramdisks: [{ name: 'small', path: '/', size: '64kb', inodes: 9 }],
  });
  const refused = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      const { code, full, message } = error as VisorError;
      return { code, full, message, isOurs: error instanceof VisorError };
    }
  };
  const kinds = [
    fs.readFileSync('/f'),
    await fs.promises.readFile('/f'),
    fs.readdirSync('/', 'buffer')[0],
    fs.readlinkSync('/l', 'buffer'),
  ];
  return {
    kinds: kinds.map((bytes) => (bytes as Uint8Array).constructor === Uint8Array),
    node: ['Buffer', 'process', 'global', 'require'].filter((name) => name in globalThis),
    texts: ['utf8', 'latin1', 'hex', 'base64', 'base64url', 'utf16le', 'ascii'].map((encoding) =>
      fs.readFileSync('/f', encoding as BufferEncoding),
    ),
    archived: [mounted.fs.readdirSync('/etc'), mounted.fs.readFileSync('/etc/motd', 'utf8')],
    packed,
    full: refused(() => small.fs.writeFileSync('/f', new Uint8Array(100 << 10))),
    left: small.fs.readdirSync('/'),
    saved: (await mounted.backup()).length > 0,
    sealed: await sealedState(),
  };
}

/** A state that a host in a page keeps encrypted with a passphrase, and what another one reads. */
async function sealedState(): Promise<unknown> {
  const cfg = 'kernel=b.b00\nmodules=state.tgz\nbuild=1\nupdated=1\n';
  const encoder = new TextEncoder();
  const files = new Map([
    ['boot.cfg', encoder.encode(cfg)],
    ['b.b00', encoder.encode('a kernel')],
  ]);
  const host = await Host.boot(memoryDevice(files), { stateKey: 'a passphrase' });
  await host.rebuild();
  await host.reboot();
  const blob = files.get('state.tgz')!;
  const codes = ['another', undefined].map(async (key) => {
    const reading = readState(blob, key === undefined ? {} : { key });
    return reading.catch((error: StateError) => error.code);
  });
  const { isEncrypted, build } = await readState(blob, { key: 'a passphrase' });
  return [isEncrypted, build, ...(await Promise.all(codes))];
}

contractSuite('a page', () => {
  const fs = facade(new VisorFs());
  fs.mkdirSync('/work');
  return { fs, root: '/work' };
});

const answer = await (async () => {
  const page = await ofPage();
  return { page, suite: await outcomes(), probes: await probed() };
})().catch((error: Error) => ({ wrong: String(error.stack) }));
await fetch('/answer', { method: 'POST', body: JSON.stringify(answer, exact) });

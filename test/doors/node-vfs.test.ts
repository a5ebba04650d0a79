// The door for node:vfs: a provider's verbs are those of `vfs.fs`, and where the Node that runs
// this has the module, fs, require and import of the process find what a vfs holds.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visorProvider } from '../../src/doors/node-vfs.ts';
import { VisorFs } from '../../src/node.ts';
import { compiledSources } from '../support/compiled.ts';

const FLAG = '--experimental-vfs';
const hasModule = process.allowedNodeEnvironmentFlags.has(FLAG);
if (!hasModule) process.stderr.write(`skipped: this Node has no node:vfs (${FLAG})\n`);

interface Provider {
  openSync(
    path: string,
    flags: string,
  ): {
    readSync(buffer: Buffer, offset: number, length: number, position: number | null): number;
    writeSync(buffer: Buffer, offset: number, length: number, position: number | null): number;
    write(buffer: Buffer, offset: number, length: number, position: number | null): Promise<object>;
    readFile(options: string): Promise<string>;
    truncateSync(length: number): void;
    statSync(): { size: number };
    readonly closed: boolean;
    closeSync(): void;
  };
  statSync(path: string): fs.Stats;
  readFile(path: string, encoding: string): Promise<string>;
}

/** Stands for node:vfs's class where there is none: it has no verbs of its own. */
abstract class NoProvider {}

describe('a provider', () => {
  test('opens files whose verbs come in both flavours', async () => {
    const vfs = new VisorFs();
    const provider = visorProvider(vfs, NoProvider) as Provider;
    const file = provider.openSync('/f', 'w+');
    expect(file.writeSync(Buffer.from('hello'), 0, 5, null)).toBe(5);
    const more = Buffer.from('!');
    expect(await file.write(more, 0, 1, null)).toEqual({ bytesWritten: 1, buffer: more });
    const read = Buffer.alloc(3);
    expect(file.readSync(read, 0, 3, 1)).toBe(3);
    expect(read.toString()).toBe('ell');
    file.truncateSync(2);
    expect(file.statSync().size).toBe(2);
    file.closeSync();
    file.closeSync();
    expect(file.closed).toBe(true);
    expect(() => file.statSync()).toThrow();
    expect(await provider.readFile('/f', 'utf8')).toBe('he');
    expect(() => provider.statSync('/gone')).toThrow('ENOENT');
  });
});

describe.runIf(hasModule)('the process finds what a mounted vfs holds', () => {
  let sources: URL;
  beforeAll(() => {
    sources = compiledSources();
  });
  afterAll(() => fs.rmSync(sources, { recursive: true }));

  test('by fs, require and import, and errors have their codes', () => {
    const program = `
      import fs from 'node:fs';
      import { createRequire } from 'node:module';
      import { create, VirtualProvider } from 'node:vfs';
      import { VisorFs } from './node.js';
      import { visorProvider } from './doors/node-vfs.js';
      const vfs = new VisorFs();
      vfs.fs.mkdirSync('/lib/sub', { recursive: true });
      vfs.fs.writeFileSync('/lib/a.cjs', 'exports.a = require("./b.json").b + 1;');
      vfs.fs.writeFileSync('/lib/b.json', '{"b": 41}');
      vfs.fs.writeFileSync('/lib/m.mjs', 'export { a as default } from "./a.cjs";');
      vfs.fs.symlinkSync('b.json', '/lib/link');
      const root = create(visorProvider(vfs, VirtualProvider)).mount();
      const said = [];
      const tell = (act) => { try { said.push(act()); } catch (error) { said.push(error.code); } };
      tell(() => createRequire(import.meta.url)(root + '/lib/a.cjs').a);
      said.push((await import(root + '/lib/m.mjs')).default);
      tell(() => fs.readdirSync(root + '/lib').sort().join());
      tell(() => fs.readFileSync(root + '/lib/link', 'utf8'));
      tell(() => fs.readlinkSync(root + '/lib/link'));
      tell(() => fs.writeFileSync(root + '/lib/new', 'made outside'));
      tell(() => vfs.fs.readFileSync('/lib/new', 'utf8'));
      tell(() => fs.readFileSync(root + '/gone'));
      tell(() => fs.rmdirSync(root + '/lib'));
      tell(() => fs.renameSync(root + '/lib/new', root + '/lib/sub/newer'));
      said.push(await fs.promises.readFile(root + '/lib/sub/newer', 'utf8'));
      const newer = root + '/lib/sub/newer';
      tell(() => fs.truncateSync(newer, 4));
      tell(() => fs.statSync(newer).size);
      tell(() => fs.chmodSync(newer, 0o600));
      tell(() => vfs.fs.statSync('/lib/sub/newer').mode & 0o777);
      const fd = fs.openSync(root + '/lib/b.json');
      const bytes = Buffer.alloc(4);
      tell(() => fs.readSync(fd, bytes, 0, 4, 1));
      fs.closeSync(fd);
      tell(() => String(bytes));
      const heard = new Promise((hear) => {
        const watcher = fs.watch(root + '/lib', (event, name) => {
          watcher.close();
          hear(event + ' ' + name);
        });
      });
      vfs.fs.writeFileSync('/lib/a.cjs', '');
      said.push(await heard);
      const looked = new Promise((look) => {
        fs.watchFile(newer, { interval: 10 }, (now, before) => {
          fs.unwatchFile(newer);
          look(before.size + ' ' + now.size);
        });
      });
      vfs.fs.appendFileSync('/lib/sub/newer', '!');
      said.push(await looked);
      const events = fs.promises.watch(root + '/lib');
      const next = events.next();
      vfs.fs.unlinkSync('/lib/m.mjs');
      said.push((await next).value.filename);
      await events.return();
      tell(() => fs.rmSync(root + '/lib', { recursive: true }));
      tell(() => vfs.fs.readdirSync('/').join());
      console.log(JSON.stringify(said));
    `;
    const file = new URL('program.mjs', sources);
    fs.writeFileSync(file, program);
    const flags = [FLAG, '--no-warnings'];
    const printed = execFileSync(process.execPath, [...flags, fileURLToPath(file)], {
      encoding: 'utf8',
    });
    expect(JSON.parse(printed)).toEqual([
      42,
      42,
      'a.cjs,b.json,link,m.mjs,sub',
      '{"b": 41}',
      'b.json',
      null,
      'made outside',
      'ENOENT',
      'ENOTEMPTY',
      null,
      'made outside',
      null,
      4,
      null,
      0o600,
      4,
      '"b":',
      'change a.cjs',
      '4 5',
      'm.mjs',
      null,
      '',
    ]);
  });
});

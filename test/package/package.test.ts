/**
 * Attacks the package as a stranger gets it: what is in it, whether npm installs it without a
 * network, and whether every way to load it works in a project that has nothing else.
 */

import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closureOf,
  type Installed,
  installed,
  manifestIn,
  node,
  ROOT,
} from '../support/installed.ts';

/** What the tarball may weigh, in MB of a million bytes. This is the one place that says it. */
const MOST_PACKED_MB = 2.7;

/** The story that each way to load it tells. */
const STORY = `
  const vfs = new VisorFs(undefined, { ramdisks: [{ name: 'box', path: '/', size: '1mb' }] });
  vfs.fs.writeFileSync('/told', 'a story');
  console.log(vfs.fs.readFileSync('/told', 'utf8'), vfs.changes().length);`;
const TOLD = 'a story 1\n';

let given: Installed;
beforeAll(() => {
  given = installed();
});
afterAll(() => given?.remove());

/** Writes `code` into the project and returns its path. */
function written(name: string, code: string): string {
  const file = path.join(given.project, name);
  fs.writeFileSync(file, code);
  return file;
}

test('what is packed is the build, the sample bank and the documents, and nothing else', () => {
  const tops = new Set([...given.files.keys()].map((file) => file.split('/')[0]!));
  const named = manifestIn(ROOT).files.map((name) => name.split('/')[0]!);
  expect([...tops].sort()).toEqual([...new Set([...named, 'package.json'])].sort());
  const inBuild = [...given.files.keys()].filter((file) => file.startsWith('dist/'));
  expect(inBuild.filter((file) => !/\.(js|d\.ts)$/.test(file))).toEqual([]);
  for (const file of inBuild.filter((name) => name.endsWith('.js'))) {
    expect(given.files.has(file.replace(/\.js$/, '.d.ts')), file).toBe(true);
  }
  const sample = [...given.files.keys()].filter((file) => file.startsWith('images/'));
  expect(sample.every((file) => /^images\/bank\/[\w.]+$/.test(file))).toBe(true);
});

test('the README says what is packed, and how many packages come with it', () => {
  expect(given.packedSize).toBeLessThanOrEqual(MOST_PACKED_MB * 1e6);
  // A budget that is far off says nothing any more.
  expect(given.packedSize).toBeGreaterThan(MOST_PACKED_MB * 1e6 * 0.85);
  const bank = [...given.files].filter(([file]) => file.startsWith('images/'));
  const bankMegabytes = bank.reduce((sum, [, size]) => sum + size, 0) / 1e6;
  const direct = Object.keys(manifestIn(ROOT).dependencies).length;
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').replace(/\s+/g, ' ');
  expect(readme).toContain(
    `The package is at most ${MOST_PACKED_MB} MB, ${bankMegabytes.toFixed(1)} MB of it the ` +
      `sample bank, and depends on ${direct} packages, ` +
      `${closureOf().length} with what these depend on.`,
  );
});

test('npm installs it, and the command runs', () => {
  const { version } = manifestIn(ROOT);
  expect(manifestIn(path.join(given.project, 'node_modules/visorfs')).version).toBe(version);
  const command = path.join(given.project, 'node_modules/.bin/visorfs');
  expect(fs.statSync(command).mode & 0o111).toBe(0o111);
  const bank = path.join(given.project, 'node_modules/visorfs/images/bank');
  expect(node(given.project, command, 'ls', bank, '/etc/vmware')).toContain('esx.conf');
});

test('a module imports it', () => {
  const file = written('story.mjs', `import { VisorFs } from 'visorfs';${STORY}`);
  expect(node(given.project, file)).toBe(TOLD);
});

test('CommonJS imports it dynamically', () => {
  const code = `import('visorfs').then(({ VisorFs }) => {${STORY}});`;
  expect(node(given.project, written('story.cjs', code))).toBe(TOLD);
});

test('every door that package.json names can be imported', () => {
  const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const doors = Object.keys(exports as object).filter((door) => !door.endsWith('.json'));
  // PGlite is the peer that its door is for; a project that has none cannot open that one.
  const open = doors.filter((door) => door !== './pglite');
  expect(open.length).toBe(doors.length - 1);
  const code = open.map((door) => `await import('${path.posix.join('visorfs', door)}');`);
  expect(node(given.project, written('doors.mjs', `${code.join('\n')}console.log('open');`))).toBe(
    'open\n',
  );
});

const STRICT = ['strict', 'exactOptionalPropertyTypes', 'noUncheckedIndexedAccess', 'noEmit'];

test.each([
  ['nodenext', ['--module', 'nodenext', '--types', 'node', '--skipDefaultLibCheck'], 'visorfs'],
  // Without types of Node there are none of `events`, so what only that needs is not looked into.
  [
    'bundler',
    ['--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck'],
    'visorfs/browser',
  ],
])('TypeScript at its strictest takes it, with modules of %s', (_name, flags, door) => {
  const file = written(
    'strict.mts',
    `import { Image, openTardisk, VisorError, VisorFs, type RamdiskRow } from '${door}';
    const vfs: VisorFs = new VisorFs(Image.of(await openTardisk(new Uint8Array(1024))));
    export const rows: readonly RamdiskRow[] = vfs.vdf().ramdisks;
    export const content: Uint8Array = vfs.fs.readFileSync('/etc/motd');
    export const text: string = vfs.fs.readFileSync('/etc/motd', 'utf8');
    export const isRefusal = (error: unknown): error is VisorError => error instanceof VisorError;
    // @ts-expect-error A path is no expression.
    vfs.fs.readFileSync(/x/);`,
  );
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [...STRICT.map((flag) => `--${flag}`), '--target', 'es2022'];
  const types = [
    '--lib',
    'es2023,dom,esnext.disposable',
    '--typeRoots',
    `${ROOT}node_modules/@types`,
  ];
  expect(node(given.project, tsc, ...args, ...types, ...flags, file)).toBe('');
});

const PAGE = `import { VisorFs } from 'visorfs';${STORY}`;

test('esbuild bundles it for a page, and what it makes runs', async () => {
  const entry = written('page.js', PAGE);
  const outfile = path.join(given.project, 'esbuild.mjs');
  const { warnings } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  expect(node(given.project, outfile)).toBe(TOLD);
});

test('Vite bundles it for a page, and what it makes runs', () => {
  written('page.js', PAGE);
  const vite = path.join(ROOT, 'node_modules/vite/dist/node/index.js');
  const code = `
    import { build } from ${JSON.stringify(vite)};
    const input = 'page.js';
    const rolldownOptions = { input, output: { entryFileNames: 'vite.mjs' } };
    const options = { rolldownOptions, outDir: 'out' };
    await build({ configFile: false, logLevel: 'error', build: options });`;
  node(given.project, written('vite-build.mjs', code));
  // What is fetched later is preloaded by what only a page has; what is told needs none of it.
  expect(node(given.project, path.join(given.project, 'out/vite.mjs'))).toBe(TOLD);
});

test('publint has nothing to say', async () => {
  const pkgDir = path.join(given.project, 'node_modules/visorfs');
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test('no types are wrong for whoever takes modules', () => {
  const attw = path.join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  // Without CommonJS and Node 10, which the package is not for; and without asking a registry.
  const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'json'];
  const { analysis } = JSON.parse(node(ROOT, attw, ...flags, given.tarball)) as Answer;
  const told = analysis.problems.filter(({ resolutionKind = '' }) => {
    return resolutionKind !== 'node10' && resolutionKind !== 'node16-cjs';
  });
  expect(told).toEqual([]);
  const doors = Object.entries(analysis.entrypoints);
  expect(doors.length).toBeGreaterThan(6);
  for (const [door, { resolutions }] of doors) {
    if (door.endsWith('.json')) continue;
    expect(resolutions['node16-esm'].resolution, door).toBeDefined();
    expect(resolutions.bundler.resolution, door).toBeDefined();
  }
});

interface Answer {
  readonly analysis: {
    readonly problems: readonly { readonly kind: string; readonly resolutionKind?: string }[];
    readonly entrypoints: Readonly<
      Record<string, { resolutions: Record<'node16-esm' | 'bundler', { resolution?: object }> }>
    >;
  };
}

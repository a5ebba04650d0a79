/**
 * Attacks the package as a stranger gets it: what is in it, whether npm installs it without a
 * network, and whether every way to load it works in a project that has nothing else.
 */

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { closureOf, manifestIn, node, nodes, printed, ROOT } from '../support/installed.ts';

/** What the tarball may weigh, in MB of a million bytes. This is the one place that says it. */
const MOST_PACKED_MB = 3.5;

const ARCHIVE = gzipSync(
  tarOf([{ path: 'etc/' }, { path: 'etc/told', content: 'nothing', mode: 0o1644 }]),
);
/** The story that each way to load it tells, up to a backup, which loads what packs one. */
const STORY = `
  const archive = Uint8Array.from(atob('${ARCHIVE.toString('base64')}'), (c) => c.charCodeAt(0));
  const vfs = await mount(archive);
  vfs.fs.writeFileSync('/etc/told', 'a story');
  const other = await mount(archive);
  await other.restore(await vfs.backup());
  console.log(other.fs.readFileSync('/etc/told', 'utf8'), other.changes().length);`;
const TOLD = 'a story 1';

const given = inject('installed');
const chromium = installedChromium();

/** Writes `code` into the project and returns its path. */
function written(name: string, code: string): string {
  const file = path.join(given.project, name);
  fs.writeFileSync(file, code);
  return file;
}

const PAIRED = /^dist\/(?!explorer\/).*\.js$/;
const PACKED = [
  /^dist\/(?!explorer\/).*\.(js|d\.ts)$/,
  /^dist\/explorer\/\w+\.(js|css|html)$/,
  /^dist\/man\/visorfs\.1$/,
  /^images\/(README\.md|(bank|vibs)\/[\w.-]+)$/,
  /^(src\/explorer\/explorer\.png|bench\/plots\/hot\.svg)$/,
  /^docs\/[\w-]+\.md$/,
  /^([A-Z]+\.md|LICENSE|package\.json)$/,
];

test('what is packed is the build, the sample images and the documents, and nothing else', () => {
  const files = Object.keys(given.files);
  expect(files.filter((file) => !PACKED.some((kind) => kind.test(file)))).toEqual([]);
  expect(PACKED.filter((kind) => !files.some((file) => kind.test(file)))).toEqual([]);
  for (const file of files.filter((name) => PAIRED.test(name))) {
    expect(given.files[file.replace(/\.js$/, '.d.ts')], file).toBeGreaterThan(0);
    expect(fs.existsSync(path.join(ROOT, file.replace(/^dist(.*)\.js$/, 'src$1.ts'))), file).toBe(
      true,
    );
  }
});

test('the README says what is packed, and how many packages come with it', () => {
  expect(given.packedSize).toBeLessThanOrEqual(MOST_PACKED_MB * 1e6);
  // A budget that is far off says nothing any more.
  expect(given.packedSize).toBeGreaterThan(MOST_PACKED_MB * 1e6 * 0.85);
  const images = Object.entries(given.files).filter(([file]) => file.startsWith('images/'));
  const imageMegabytes = images.reduce((sum, [, size]) => sum + size, 0) / 1e6;
  const direct = Object.keys(manifestIn(ROOT).dependencies).length;
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').replace(/\s+/g, ' ');
  expect(readme).toContain(
    `The package is at most ${MOST_PACKED_MB} MB, ${imageMegabytes.toFixed(1)} MB of it the ` +
      `sample images, and depends on ${direct} packages, ` +
      `${closureOf().length} with what these depend on.`,
  );
});

test('npm installs it, and npx finds the command', () => {
  const { version } = manifestIn(ROOT);
  expect(manifestIn(path.join(given.project, 'node_modules/visorfs')).version).toBe(version);
  expect(printed(given.project, 'npx', 'visorfs', '--version')).toBe(`${version}\n`);
});

// PGlite is the peer that its door is for; a project that has none cannot open that one.
const doors = Object.keys(manifestIn(ROOT).exports).filter((door) => {
  return !door.endsWith('.json') && door !== './pglite';
});

describe.each(nodes())('Node %s', (_version, runtime) => {
  const run = (...args: readonly string[]): string => printed(given.project, runtime, ...args);

  test('imports it from a module', () => {
    const file = written('story.mjs', `import { mount } from 'visorfs';${STORY}`);
    expect(run(file)).toBe(`${TOLD}\n`);
  });

  test('imports it from CommonJS dynamically', () => {
    const code = `import('visorfs').then(async ({ mount }) => {${STORY}});`;
    expect(run(written('story.cjs', code))).toBe(`${TOLD}\n`);
  });

  test('opens every door that package.json names', () => {
    expect(doors.length).toBeGreaterThan(5);
    const code = doors.map((door) => `await import('${path.posix.join('visorfs', door)}');`);
    const file = written('doors.mjs', `${code.join('\n')}console.log('open');`);
    expect(run(file)).toBe('open\n');
  });

  test('runs the command', () => {
    const installed = path.join(given.project, 'node_modules/visorfs');
    const [command, bank] = ['dist/cli/main.js', 'images/bank'].map((at) => `${installed}/${at}`);
    expect(run(command!, 'ls', bank!, '/etc/vmware')).toContain('esx.conf');
  });
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

const PAGE = `import { mount } from 'visorfs';${STORY}`;

/** What `file` of `folder`, a module and what it imports, prints in Node, and in Chromium. */
async function told(folder: string, file: string): Promise<string[]> {
  const inNode = node(given.project, path.join(folder, file)).trim();
  if (chromium === null) return [inNode];
  const page = `
    const lines = [];
    console.log = (...words) => lines.push(words.join(' '));
    await import('/${file}').catch((error) => lines.push(String(error)));
    await fetch('/answer', { method: 'POST', body: JSON.stringify(lines.join('\\n')) });`;
  const inPage = await answerOfPage(chromium, pathToFileURL(`${folder}/`), { '/': page });
  return [inNode, String(inPage)];
}
const TOLD_IN_BOTH = chromium === null ? [TOLD] : [TOLD, TOLD];

test('esbuild bundles it for a page, and what it makes runs', async () => {
  const outdir = path.join(given.project, 'esbuild');
  const { warnings } = await build({
    entryPoints: { page: written('esbuild-page.js', PAGE) },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    outExtension: { '.js': '.mjs' },
  });
  expect(warnings).toEqual([]);
  expect(await told(outdir, 'page.mjs')).toEqual(TOLD_IN_BOTH);
});

test('Vite bundles it for a page, and what it makes runs', async () => {
  written('vite-page.js', PAGE);
  const vite = path.join(ROOT, 'node_modules/vite/dist/node/index.js');
  const code = `
    import { build } from ${JSON.stringify(vite)};
    const input = 'vite-page.js';
    const output = { entryFileNames: 'page.mjs', chunkFileNames: '[name]-[hash].mjs' };
    const rolldownOptions = { input, output };
    const options = { rolldownOptions, outDir: 'vite', minify: false, modulePreload: false };
    await build({ configFile: false, logLevel: 'error', build: options });`;
  node(given.project, written('vite-build.mjs', code));
  expect(await told(path.join(given.project, 'vite'), 'page.mjs')).toEqual(TOLD_IN_BOTH);
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

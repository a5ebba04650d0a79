/**
 * Attacks what a page has to load: that there is nothing of Node in it, how much it is, and what
 * the README says of that.
 */

import fs from 'node:fs';
import { builtinModules } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundled } from '../support/bundle.ts';

/** The most that each may weigh in gzip, in KB. This is the one place where that is said. */
const BUDGET_KB = { engine: 53, vfs: 78, everything: 93, whole: 320 };

/** Loaded with the first gzip, VIB, signature and backup; xz and zstd are ours. */
const PACKAGES = [
  ...['pako', 'saxes', 'xmlchars'],
  ...['@noble/hashes', '@peculiar/utils', 'asn1js', 'bytestreamjs', 'pkijs'],
  ...['b4a', 'events', 'events-universal', 'fast-fifo', 'streamx', 'tar-stream', 'text-decoder'],
];

const README = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const { dependencies } = JSON.parse(
  fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { dependencies: Record<string, string> };

let engine: Bundle;
let vfs: Bundle;
let everything: Bundle;
beforeAll(async () => {
  engine = await bundled(`
    import { Image, openTardisk, Tree } from './src/index.ts';
    console.log(Image, openTardisk, Tree);`);
  vfs = await bundled(`
    import { Image, openTardisk, VisorFs } from './src/index.ts';
    console.log(Image, openTardisk, VisorFs);`);
  everything = await bundled(`export * from './src/index.ts';`);
});

describe('a page has of Node', () => {
  test('no module', () => {
    const builtins = new Set(builtinModules);
    const { inputs, missing } = everything;
    expect(missing).toEqual([]);
    expect(inputs.filter((name) => name.startsWith('node:') || builtins.has(name))).toEqual([]);
  });

  test('no stand-in but events, and an empty fs where it has one', () => {
    const { inputs, packages } = everything;
    expect(packages).toEqual([...PACKAGES].sort());
    expect(inputs.filter((name) => name.startsWith('(disabled)'))).toEqual(['(disabled):fs']);
    const standIns = packages.filter((name) => builtinModules.includes(name));
    expect(standIns).toEqual(['events']);
    expect(Object.keys(dependencies)).toContain('events');
  });
});

test('what is loaded at once is ours, and what makes an emitter of a FileHandle', () => {
  expect(everything.eagerPackages).toEqual(['events']);
});

test('the engine alone brings no face of node:fs with it, and no package', () => {
  const ofNodeFs = (inputs: readonly string[]): string[] =>
    inputs.filter((name) => name.startsWith('src/nodefs/'));
  // Numbers, which whoever opens a file by flags needs.
  expect(ofNodeFs(engine.eagerInputs)).toEqual(['src/nodefs/constants.ts']);
  expect(ofNodeFs(vfs.eagerInputs).length).toBeGreaterThan(20);
  expect(engine.eagerPackages).toEqual([]);
});

test('a page weighs no more than it may', () => {
  const weighed = {
    engine: engine.eager.gzip,
    vfs: vfs.eager.gzip,
    everything: everything.eager.gzip,
    whole: everything.whole.gzip,
  };
  for (const [what, gzip] of Object.entries(weighed)) {
    const most = BUDGET_KB[what as keyof typeof BUDGET_KB] * 1000;
    expect(gzip, `${what}, in bytes`).toBeLessThanOrEqual(most);
    // A budget that is far off says nothing any more.
    expect(gzip, `${what}, in bytes`).toBeGreaterThan(most * 0.9);
  }
});

test('the README says what it may weigh', () => {
  const { engine, vfs, everything, whole } = BUDGET_KB;
  const said = README.replace(/\s+/g, ' ');
  expect(said).toContain(
    `esbuild makes at most ${engine} KB of \`Tree\`, the engine alone, and \`openTardisk\` ` +
      `(minified, gzip), ${vfs} KB with \`VisorFs\`, ${everything} KB of every export, ` +
      `${whole} KB with all that is loaded when it is first ` +
      'needed: gzip, xz, zstd, VIBs, signatures, bundles, lint, seeking, visor tars, backups.',
  );
});

/**
 * The rules of the house, run over every file that git knows. What they are is in rules.ts; here is
 * also a file that breaks each of them, because a rule that cannot fail is none.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FLOORS, type HouseFile, importsOf, offences, RULES, roomOf } from './rules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BLOB_MAX_BYTES = 256 << 10;

/** A module of the sample host is a file as a host has it, and one file. */
const LARGE = ['images/bank/sb.v00'];

/** Tracked, and new but not ignored: so that a rule is met before the commit. */
function tracked(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const paths = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  return paths.split('\0').filter((path) => path !== '' && existsSync(`${ROOT}${path}`));
}

/** Without a repository (an unpacked archive of the project) there is nothing to ask. */
const paths = existsSync(`${ROOT}.git`) ? tracked() : [];
const files: HouseFile[] = paths
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, source: readFileSync(`${ROOT}${path}`, 'utf8') }));

describe.skipIf(files.length === 0)('every file', () => {
  test.each(Object.entries(RULES))('%s', (_rule, check) => {
    expect(offences(files, check)).toEqual([]);
  });

  test('that is imported is there', () => {
    const there = new Set(paths);
    for (const file of files) {
      for (const { target, line } of importsOf(file)) {
        const isOurs = /^(src|test|images|bench)\//.test(target);
        if (isOurs) expect(there.has(target), `${file.path}:${line} imports ${target}`).toBe(true);
      }
    }
  });

  test('of src is in a room that has a floor', () => {
    const rooms = new Set(files.flatMap(({ path }) => roomOf(path) ?? []));
    expect([...rooms].filter((room) => FLOORS[room] === undefined)).toEqual([]);
    expect(rooms.size).toBeGreaterThan(8);
  });

  test('is small', () => {
    const large = paths.filter((path) => statSync(`${ROOT}${path}`).size > BLOB_MAX_BYTES);
    expect(large.filter((path) => !LARGE.includes(path))).toEqual([]);
  });
});

test('the lock names no registry', () => {
  expect(readFileSync(`${ROOT}package-lock.json`, 'utf8')).not.toContain('"resolved"');
});

const LATER = ['TO', 'DO'].join('');
const SAMPLES: readonly [rule: keyof typeof RULES, file: HouseFile][] = [
  up('store/bad.ts', `import type { Image } from '../layer/image.ts';`),
  up('format/bad.ts', `import { Pages } from '../store/pages.ts';`),
  up('report/bad.ts', `export { a } from '../state/state.ts';`),
  up('layer/bad.ts', `const later = await import('../vfs/tree.ts');`),
  up('vfs/bad.ts', `import {\n  a,\n} from '../visorfs.ts';`),
  up('attic/bad.ts', `import { a } from '../base/bytes.ts';`),
  [
    'the command line and the other doors come in by the front doors',
    { path: 'src/cli/commands/bad.ts', source: `import { a } from '../../vfs/tree.ts';` },
  ],
  [
    'the command line and the other doors come in by the front doors',
    { path: 'src/doors/bad.ts', source: `import type { Tree } from '../vfs/tree.ts';` },
  ],
  ['a file says what it is for before it says anything else', bad('const a = 1;')],
  ['a line fits', bad(`const url = 'https://${'x'.repeat(90)}';`)],
  ['a line fits', bad(`// ${'é'.repeat(98)}`)],
  ['a file can be held in the head', bad('\n'.repeat(401))],
  ['nothing is left for later', bad(`// ${LATER}: this`)],
  ['names are exported, defaults and stars are not', bad('export default 1;')],
  ['names are exported, defaults and stars are not', bad(`export * from './a.ts';`)],
  ['time, chance and the platform are arguments', bad('const at = Date.now();')],
  ['time, chance and the platform are arguments', bad('const at = a /* / */ + Math.random();')],
  ['time, chance and the platform are arguments', bad('if (process.env.A) act();')],
  ['time, chance and the platform are arguments', bad('const a = Buffer.from(b);')],
  ['time, chance and the platform are arguments', bad(`import { a } from 'node:fs';`)],
  ['no error is swallowed without a word', bad('try { act(); } catch {}')],
  ['no error is swallowed without a word', bad('try {\n  act();\n} catch {\n  return null;\n}')],
];

function bad(source: string): HouseFile {
  return { path: 'src/layer/bad.ts', source };
}

function up(path: string, source: string): [keyof typeof RULES, HouseFile] {
  return ['imports go down, or stay in the room', { path: `src/${path}`, source }];
}

describe('the rules themselves can fail', () => {
  test.each(SAMPLES)('%s: %j', (rule, file) => {
    expect(offences([file], RULES[rule]!)).toHaveLength(1);
  });

  test('and each has a sample that does', () => {
    expect(new Set(SAMPLES.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  test('and what keeps them all is let be', () => {
    const source = [
      '/**',
      ' * Says what Date.now and process.env are, and a Buffer.',
      ' */',
      '',
      `import { a } from '../store/pages.ts';`,
      `import type { B } from './image.ts';`,
      '',
      'export function act(): void {',
      '  try {',
      '    a();',
      '  } catch {',
      '    // It has no other way of saying no.',
      '  }',
      '}',
      '',
    ].join('\n');
    for (const rule of Object.values(RULES)) expect(offences([bad(source)], rule)).toEqual([]);
  });
});

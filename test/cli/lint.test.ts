// `visorfs lint` as a user runs it: what it prints, letter for letter, its exit codes, and a SARIF
// log with what the format demands.

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LINT_RULES } from '../../src/lint/rules.ts';
import { createBundle } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { unzipped, zipOf } from '../support/zips.ts';
import { makeBank } from './bank.ts';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();
const CLEAN = [{ path: 'etc/' }, { path: 'etc/motd', content: 'x' }];
const BAD = [
  ...CLEAN,
  { path: 'opt/tool', content: 'x', mode: 0o1755 },
  { path: 'opt/.#tool', content: 'x' },
];

beforeAll(async () => {
  writeFileSync(at('clean.tar'), tarOf(CLEAN, 'gnu'));
  writeFileSync(at('bad.tar'), tarOf(BAD, 'gnu'));
  writeFileSync(at('warn.tar'), tarOf([{ path: 'x', content: 'x', mode: 0o1644 }], 'gnu'));
  await makeBank(at('bank'));
  mkdirSync(at('empty'));
});

async function linted(...args: readonly string[]) {
  const { code, out, err } = await perform(['lint', ...args]);
  return { code, err, out: out.replaceAll(`${at()}/`, '') };
}

test('lint of what is clean is one line, and ends with 0', async () => {
  expect(await linted(at('clean.tar'))).toEqual({
    code: 0,
    err: '',
    out: '1 subject: 0 errors, 0 warnings, 0 notes\n',
  });
});

test('lint groups what it found by archive and rule, the worst first; ends with 1', async () => {
  expect(await linted(at('clean.tar'), at('bad.tar'))).toEqual({
    code: 1,
    err: '',
    out: `\
bad.tar (tar)
  error marker-name
    opt/.#tool at 0xa00: the name '.#tool' is a mark
    why   names that start with .# are the marks of changed sticky files, made by ESXi alone: \
nobody else may create one, and a collected mark is not the file
    mend  leave it out, or pack the file itself under its own name
  warning missing-parent
    opt/tool at 0x600: no entry ahead of it is the directory 'opt'
    why   ESXi wants an entry for each directory ahead of what is in it; it may refuse the archive
    mend  add the directories too: tar a folder from its root, not a list of files
  warning sticky-outside-etc
    opt/tool at 0x600: its mode is 01755
    why   sticky marks a file whose changes are saved, and that is done below /etc alone
    mend  clear the bit (chmod -t), or move the file below /etc

2 subjects: 1 error, 2 warnings, 0 notes
`,
  });
});

test('lint --json has why and mend with each finding', async () => {
  const { code, out } = await linted('--json', at('warn.tar'));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual([
    {
      archive: 'warn.tar',
      kind: 'tar',
      findings: [
        {
          ...{ rule: 'sticky-outside-etc', level: 'warning', archive: 'warn.tar', place: 'x' },
          ...{ offset: 0, what: 'its mode is 01644' },
          why: LINT_RULES['sticky-outside-etc'].why,
          mend: LINT_RULES['sticky-outside-etc'].mend,
        },
      ],
    },
  ]);
});

test('with --strict warnings end with 1', async () => {
  expect((await linted(at('warn.tar'))).code).toBe(0);
  expect((await linted('--strict', at('warn.tar'))).code).toBe(1);
  expect((await linted('--strict', at('clean.tar'))).code).toBe(0);
});

test('a folder is its bank, its banks, or a folder without boot.cfg', async () => {
  const { out } = await linted('--json', at('bank'), at(), at('empty'));
  const reports = JSON.parse(out) as { archive: string; kind: string; findings: unknown[] }[];
  expect(reports.map(({ archive, kind }) => [archive, kind])).toEqual([
    [at('bank').replace(`${at()}/`, ''), 'bank'],
    ['bank', 'bank'],
    ['empty', 'bank'],
  ]);
  expect(reports[2]!.findings).toMatchObject([{ rule: 'boot-cfg-missing' }]);
});

test('the other bank that a host never had is nothing to complain of', async () => {
  cpSync(at('bank'), at('host', 'bootbank'), { recursive: true });
  const { code, out } = await linted('--json', at('host'));
  expect(code).toBe(0);
  const reports = JSON.parse(out) as { archive: string }[];
  expect(reports.map(({ archive }) => archive)).toEqual(['host/bootbank']);
});

test('a folder with an index is a depot', async () => {
  const { pieces } = await createBundle(['images/vibs/hostd.vib']);
  mkdirSync(at('depot'));
  for (const [name, bytes] of unzipped(Buffer.concat(pieces))) {
    mkdirSync(dirname(at('depot', name)), { recursive: true });
    writeFileSync(at('depot', name), bytes);
  }
  expect(await linted(at('depot'))).toMatchObject({ code: 0, out: expect.stringMatching(/^1 s/) });
  rmSync(at('depot', 'vendor-index.xml'));
  const { code, out } = await linted('--json', at('depot'));
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    { kind: 'bundle', findings: [{ rule: 'corrupt', what: expect.stringContaining('vendor-') }] },
  ]);
});

// It was passed over: lint left it to the look at the VIB, which found no file there.
test('a VIB that the metadata seeks outside the bundle is a finding', async () => {
  const { pieces } = await createBundle(['images/vibs/hostd.vib']);
  const files = unzipped(Buffer.concat(pieces));
  const metadata = [...unzipped(files.get('metadata.zip')!)].map(([name, bytes]) => {
    const content = Buffer.from(bytes).toString().replaceAll('vib20/', '../../');
    return [name, content] as const;
  });
  files.set('metadata.zip', await zipOf(Object.fromEntries(metadata)));
  writeFileSync(at('climbing.zip'), await zipOf(Object.fromEntries(files)));
  const { code, out } = await linted(at('climbing.zip'));
  expect(code).toBe(1);
  expect(out).toMatch(/error corrupt\n {4}.*the path "\.\.\/\.\.\/hostd\/.*\.\. part/);
});

test('a bundle without its index is no bundle within a zip', async () => {
  const { pieces } = await createBundle(['images/vibs/hostd.vib']);
  const { 'index.xml': _, ...others } = Object.fromEntries(unzipped(Buffer.concat(pieces)));
  writeFileSync(at('no-index.zip'), await zipOf(others));
  const { code, out } = await linted(at('no-index.zip'));
  expect(code).toBe(1);
  expect(out).toContain("is no depot: it has no 'index.xml'");
  expect(out).not.toContain('bundle-nested');
});

test('lint --rules lists every rule, as text and as JSON', async () => {
  const { out } = await linted('--rules');
  expect(out).toContain(`\
setuid (warning)
  why   ${LINT_RULES.setuid.why}
  mend  ${LINT_RULES.setuid.mend}
`);
  const rows = JSON.parse((await linted('--rules', '--json')).out) as { id: string }[];
  expect(rows.map(({ id }) => id)).toEqual(Object.keys(LINT_RULES));
});

test('a command line that makes no sense is refused, and so is what is not there', async () => {
  expect(await linted()).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing to look'),
  });
  const both = await linted('--json', '--sarif', at('clean.tar'));
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('both want stdout') });
  expect(await linted(at('nope'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no archive'),
  });
});

describe('lint --sarif', () => {
  interface Result {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly locations: readonly {
      readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
    }[];
    readonly properties?: { readonly offset: number };
  }

  interface Log {
    readonly $schema: string;
    readonly version: string;
    readonly runs: readonly {
      readonly tool: {
        readonly driver: {
          readonly name: string;
          readonly version: string;
          readonly rules: readonly {
            readonly id: string;
            readonly fullDescription: { readonly text: string };
            readonly help: { readonly text: string };
            readonly defaultConfiguration: { readonly level: string };
          }[];
        };
      };
      readonly results: readonly Result[];
    }[];
  }

  async function log(...args: readonly string[]): Promise<Log> {
    const { out } = await perform(['lint', '--sarif', ...args]);
    return JSON.parse(out) as Log;
  }

  // What the schema of SARIF 2.1.0 requires of what is in such a log.
  test('is a log of version 2.1.0 with one run and one driver', async () => {
    const { $schema, version, runs } = await log(at('bad.tar'));
    expect($schema).toMatch(/^https:.*sarif.*2\.1\.0/);
    expect(version).toBe('2.1.0');
    expect(runs.length).toBe(1);
    const { name, version: ours, rules } = runs[0]!.tool.driver;
    expect(name).toBe('visorfs');
    expect(ours).toMatch(/^\d+\.\d+\.\d+/);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(Object.keys(LINT_RULES).length);
    for (const { fullDescription, help, defaultConfiguration } of rules) {
      expect(fullDescription.text).toMatch(/^\S.*\.$/);
      expect(help.text).toMatch(/^\S.*\.$/);
      expect(['error', 'warning', 'note']).toContain(defaultConfiguration.level);
    }
  });

  test('spells the place in its message as it is spelt', async () => {
    const { runs } = await log(at('bad.tar'));
    const mark = runs[0]!.results.find(({ ruleId }) => ruleId === 'marker-name')!;
    expect(mark.message.text).toBe("opt/.#tool: the name '.#tool' is a mark.");
  });

  test('has a result for each finding, whose rule is the one at its index', async () => {
    const { runs } = await log(at('bad.tar'), at('warn.tar'));
    const { tool, results } = runs[0]!;
    expect(results.map(({ ruleId }) => ruleId)).toEqual([
      ...['missing-parent', 'sticky-outside-etc', 'marker-name', 'sticky-outside-etc'],
    ]);
    for (const { ruleId, ruleIndex, level, message, locations } of results) {
      expect(tool.driver.rules[ruleIndex]).toMatchObject({
        id: ruleId,
        defaultConfiguration: { level },
      });
      expect(message.text).toMatch(/^\S.*\.$/);
      expect(locations.length).toBe(1);
      const { uri } = locations[0]!.physicalLocation.artifactLocation;
      expect(new URL(uri, 'file:///').pathname).toMatch(/(bad|warn)\.tar$/);
    }
    expect(results[0]).toMatchObject({
      locations: [{ logicalLocations: [{ fullyQualifiedName: 'opt/tool' }] }],
      properties: { offset: 0x600 },
    });
  });

  test('spells odd names as URIs', async () => {
    writeFileSync(at('a b%#.tar'), tarOf([{ path: 'x', content: '', mode: 0o4755 }], 'gnu'));
    const { runs } = await log(at('a b%#.tar'));
    const { uri } = runs[0]!.results[0]!.locations[0]!.physicalLocation.artifactLocation;
    expect(uri).toMatch(/^file:\/\/.*\/a%20b%25%23\.tar$/);
  });

  test('of what is clean has no results', async () => {
    expect((await log(at('clean.tar'))).runs[0]!.results).toEqual([]);
  });
});

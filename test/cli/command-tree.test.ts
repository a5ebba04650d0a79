// Rules that every command of the tree keeps, whoever adds one; and what is made from the tree:
// completion, asked of real shells, and the manual page, which groff and man must take.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandRows } from '../../src/cli/command-tree.ts';
import { helpAfter } from '../../src/cli/man-page.ts';
import { isHereOption } from '../../src/cli/places.ts';
import { commandTree, manual } from '../../src/cli/program.ts';
import { tarOf } from '../support/archives.ts';
import { perform, shown, stageFolder } from './stage.ts';

const at = stageFolder();
const tree = commandTree();
const rows = commandRows(tree).filter(({ words }) => words.length > 0);

/** Commands that are as one of esxcli's is, about software and about system visorfs. */
const AS_ESXCLI = /^((tardisk|ramdisk|vib|bundle) (list|info)|host software \S+ \S+)$/;

/** Commands whose output is bytes, a script or a story, or that end with a server or a shell. */
const REPORT_NOTHING = ['cat', 'demo', 'completion', 'serve', 'shell'];

/** What an option takes that lies somewhere. */
const FILES = /<(file|folder|device|bank|script|certificates?|key|place|bundle)>/;

const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;

/** Says, once for each shell, why nothing is asked of it. */
function isMissing(shell: string): boolean {
  const lacks = !has(shell);
  if (lacks) process.stderr.write(`skipped: there is no ${shell} here\n`);
  return lacks;
}

describe.each(rows.map((row) => [row.words.join(' '), row] as const))('%s', (name, row) => {
  const { command, words } = row;
  const help = command.helpInformation();

  test('has a summary, a description, and an example of itself', () => {
    expect(command.summary()).not.toBe('');
    expect(command.description()).toMatch(/\.$/);
    const own = [words.at(-1)!, command.name(), ...command.aliases()].map((word) =>
      [...words.slice(0, -1), word].join(' '),
    );
    const after = helpAfter(command);
    expect(after).toMatch(/^Examples?:$/m);
    expect(own.some((one) => after.includes(`visorfs ${one} `))).toBe(true);
  });

  test('fits 80 columns', () => {
    const lines = `${help}${helpAfter(command)}`.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('spells its options in lower case, says what each is, and has none twice', () => {
    for (const { long, description } of command.options) {
      expect(long).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(description).not.toBe('');
    }
    const spelled = command.options.flatMap(({ short, long }) => [short, long]).filter(Boolean);
    expect(new Set(spelled).size).toBe(spelled.length);
  });

  test('says of each file that it takes whether stdin and addresses are any', () => {
    const files = command.options.filter(({ flags }) => FILES.test(flags));
    expect(files.filter((option) => !isHereOption(option)).map(({ flags }) => flags)).toEqual([]);
  });

  test.skipIf(command.commands.length > 0 || REPORT_NOTHING.includes(name))('has --json', () => {
    expect(command.options.some(({ long }) => long === '--json')).toBe(true);
  });
});

test('what looks into images has a short name, all else stands behind what it is about', () => {
  const short = ['ls', 'tree', 'cat', 'find', 'why', 'diff', 'lint', 'vdf', 'vdu'];
  const nouns = ['tardisk', 'ramdisk', 'image', 'vib', 'bundle', 'state', 'device', 'host'];
  const alone = ['shell', 'serve', 'vmtar', 'demo', 'completion'];
  expect(tree.commands.map((one) => one.name())).toEqual([...short, ...nouns, ...alone]);
  const withVerbs = tree.commands.filter((one) => one.commands.length > 0);
  expect(withVerbs.map((one) => one.name())).toEqual(nouns);
});

test.each(['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)])(
  '%s calls commands that there are',
  (file) => {
    const known = new Set(rows.map(({ words }) => words.join(' ')));
    const nouns = rows.filter(({ command }) => command.commands.length > 0);
    const deep = new Set(nouns.map(({ words }) => words.join(' ')));
    for (const [, line] of readFileSync(file, 'utf8').matchAll(/npx visorfs (.*)/g)) {
      const words = line!.split(' ').filter((word) => !/^-/.test(word));
      let length = 1;
      while (deep.has(words.slice(0, length).join(' '))) length += 1;
      expect([...known, '']).toContain(words.slice(0, length).join(' '));
    }
  },
);

test('nothing can be done by two names, but for df and du', () => {
  const aliases = rows.flatMap(({ command }) => command.aliases());
  expect(new Set(aliases)).toEqual(new Set(['df', 'du']));
  const said = rows
    .filter(({ words, command }) => words.at(-1) === command.name())
    .map(({ command }) => command.description());
  expect(new Set(said).size).toBe(said.length);
});

test('what is as esxcli takes --formatter, and nothing else', () => {
  const takes = rows.filter(({ command }) =>
    command.options.some(({ long }) => long === '--formatter'),
  );
  const named = rows.map(({ words }) => words.join(' ')).filter((name) => AS_ESXCLI.test(name));
  expect(takes.map(({ words }) => words.join(' '))).toEqual(named);
});

test('exit codes are in the help of visorfs', async () => {
  const help = await shown('--help');
  for (const code of [0, 1, 2, 130]) expect(help).toMatch(new RegExp(`^  ${code} +\\w`, 'm'));
});

test('df and du are vdf and vdu', async () => {
  const image = 'images/bank';
  expect(await shown('df', image)).toBe(await shown('vdf', image));
  expect(await shown('du', image)).toBe(await shown('vdu', image));
});

describe('find', () => {
  const find = (...args: readonly string[]): Promise<string> =>
    shown('find', 'images/bank', ...args);

  test('lists what passes every test', async () => {
    const all = (await find()).trimEnd().split('\n');
    expect(all[0]).toBe('/');
    expect((await find('/etc/vmware', '--name', '*.conf')).split('\n')).toContain(
      '/etc/vmware/esx.conf',
    );
    const [files, directories] = [await find('--type', 'f'), await find('--type', 'd')];
    expect(directories).toContain('/etc\n');
    expect(files).not.toContain('/etc\n');
    const sizes = ['+100', '-100', '100c'].map((size) => find('--size', size));
    const found = (await Promise.all(sizes)).join('').trimEnd().split('\n').sort();
    expect(found).toEqual(files.trimEnd().split('\n').sort());
    const rows = JSON.parse(await find('--size', '+1k', '--json')) as { size: number }[];
    expect(rows.length).toBeGreaterThan(0);
    for (const { size } of rows) expect(size).toBeGreaterThan(1024);
  });

  test('finds the files that hold a text, wherever in them it lies', async () => {
    const found = await find('--contains', '/adv/Misc/HostName');
    expect(found).toBe('/etc/vmware/esx.conf\n');
    const text = 'at the seam';
    const files = [0, 5, 2 ** 20 - 5, 2 ** 20, 2 ** 21 + 3].map((at) => ({
      path: `at-${at}`,
      content: Buffer.concat([Buffer.alloc(at, 'at the'), Buffer.from(text), Buffer.alloc(at)]),
    }));
    const others = [
      { path: 'cut', content: text.slice(0, -1) },
      { path: 'empty', content: '' },
    ];
    writeFileSync(at('texts.tar'), tarOf([...files, ...others]));
    const paths = (await shown('find', at('texts.tar'), '--contains', text)).trimEnd().split('\n');
    expect(paths.sort()).toEqual(files.map(({ path }) => `/${path}`).sort());
  });

  test.each([
    ['--contains', ''],
    ['--contains', 'x'.repeat(4097)],
  ])('refuses a text that no chunk can be searched for (%s)', async (...words) => {
    const { code, err } = await perform(['find', 'images/bank', ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining('1 to 4096 bytes')]);
  });

  test.each([
    ['--type', 'x'],
    ['--size', '10x'],
  ])('refuses %s %s', async (...words) => {
    const { code, err } = await perform(['find', 'images/bank', ...words]);
    expect(code).toBe(2);
    expect(err).toContain(`'${words[1]}' is no `);
  });
});

describe.skipIf(isMissing('bash'))('completion in bash', () => {
  beforeAll(async () => {
    writeFileSync(at('visorfs.bash'), await shown('completion', 'bash'));
    mkdirSync(at('files'));
    writeFileSync(at('files', 'a file.v00'), '');
  });

  /** What bash offers behind `words`, the last of which is being typed. */
  const offers = (...words: readonly string[]): string[] => {
    const script =
      'source "$0"; cd "$1"; shift; COMP_WORDS=(visorfs "$@"); COMP_CWORD=$#; _visorfs; ' +
      `printf "%s\\n" "$${'{COMPREPLY[@]}'}"`;
    const args = ['--norc', '-c', script, at('visorfs.bash'), at('files'), ...words];
    const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trimEnd().split('\n');
  };

  test('offers commands, and those below a noun', () => {
    expect(offers('v').sort()).toEqual(['vdf', 'vdu', 'vib', 'vmtar']);
    expect(offers('vib', 'v')).toEqual(['verify']);
    expect(offers('d')).toEqual(expect.arrayContaining(['df', 'du', 'diff', 'device']));
  });

  test('offers options of the command and of the program', () => {
    expect(offers('ls', '--rec')).toEqual(['--recursive']);
    expect(offers('ls', 'x.tgz', '--for').sort()).toEqual(['--force-state', '--formatter']);
  });

  test('offers the choices of an option, and nothing else', () => {
    expect(offers('vib', 'list', '--formatter', '').sort()).toEqual([
      'csv',
      'json',
      'keyvalue',
      'xml',
    ]);
    expect(offers('vib', 'list', '--formatter', '=', 'k')).toEqual(['keyvalue']);
    expect(offers('vib', 'list', '--formatter', '=')).toContain('csv');
    expect(offers('completion', 'z')).toEqual(['zsh']);
  });

  test('offers files, with blanks in their names, to images and options that take one', () => {
    expect(offers('ls', 'a')).toEqual(['a file.v00']);
    expect(offers('host', 'backup', 'x', '--output', '')).toEqual(['a file.v00']);
  });
});

/** What is typed, and the words that it is behind a Tab. */
const TYPED = [
  ['host bo', 'host boot'],
  ['host software vib ins', 'host software vib install'],
  ['ls --rec', 'ls --recursive'],
  ['ls x.tgz --force-s', 'ls x.tgz --force-state'],
  ['vib list --formatter c', 'vib list --formatter csv'],
  ['vib list --formatter=k', 'vib list --formatter=keyvalue'],
  ['completion z', 'completion zsh'],
  ['cat a', 'cat a file.v00'],
] as const;

describe.skipIf(isMissing('zsh'))('completion in zsh', () => {
  // A zsh at a terminal of its own: what stands in its line behind a Tab is what it runs.
  const SESSION = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "cd $PWD; fpath=($PWD \\$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w z "visorfs() { print -r -- '<<'\\"\\$*\\"'>>' }; echo RE''ADY"
zpty -r -m z line '*READY*'
for words in "$@"; do
  zpty -w -n z "visorfs $words"$'\\t\\n'
  zpty -r -m z line '*<<*>>*'
  line="\${line##*<<}"
  print -r -- "\${line%%>>*}"
done
zpty -d z
`;

  test('puts out what is meant', async () => {
    mkdirSync(at('zsh'));
    writeFileSync(at('zsh', '_visorfs'), await shown('completion', 'zsh'));
    writeFileSync(at('zsh', 'a file.v00'), '');
    const args = ['-f', '-c', SESSION, 'zsh', ...TYPED.map(([typed]) => typed)];
    const options = { cwd: at('zsh'), encoding: 'utf8', timeout: 60_000 } as const;
    const { stdout, stderr } = spawnSync('zsh', args, options);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.trim())).toEqual(TYPED.map(([, completed]) => completed));
  });
});

describe.skipIf(isMissing('fish'))('completion in fish', () => {
  test('puts out what is meant', async () => {
    mkdirSync(at('fish'));
    writeFileSync(at('fish.fish'), await shown('completion', 'fish'));
    writeFileSync(at('fish', 'a file.v00'), '');
    const asked = TYPED.map(([typed]) => `complete -C 'visorfs ${typed}'`);
    const script = [`source ${at('fish.fish')}`, ...asked].join('; echo; ');
    const options = { cwd: at('fish'), encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], options);
    expect(stderr).toBe('');
    const words = stdout
      .trim()
      .split('\n\n')
      .map((line) => line.replace(/\t.*/, ''));
    expect(words).toEqual(
      TYPED.map(([typed, completed]) => {
        return completed.slice(typed.lastIndexOf(' ') + 1);
      }),
    );
  });
});

describe('the manual page', () => {
  test('has every command and every exit code', () => {
    const page = manual();
    for (const { command, words } of rows) {
      if (words.at(-1) !== command.name()) continue;
      expect(page).toContain(`.SS visorfs ${words.join(' ').replaceAll('-', '\\-')} `);
    }
    expect(page).toContain('.B 130');
  });

  test.skipIf(!has('groff'))('is what groff takes without a warning', () => {
    const args = ['-man', '-Tutf8', '-ww'];
    const { status, stdout, stderr } = spawnSync('groff', args, {
      input: manual(),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('visorfs ls');
  });
});

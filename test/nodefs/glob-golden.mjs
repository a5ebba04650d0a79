// Writes glob-golden.json: what the glob of the Node that runs this finds in the tree below, for
// every pattern and option, in order. Run by Node 22, whose glob ours is: the file names which.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const TREE = [
  'a/b/c.js',
  'a/b/d.ts',
  'a/b.js',
  'a/.hidden/x.js',
  'a/.rc.js',
  'lib/a/b/c.js',
  'lib/x.js',
  'lib/deep/er/x.js',
  'x.js',
  'y.ts',
  '.dot/z.js',
  '.env',
  'a-1.js',
  'a-2.js',
  'a[1].js',
  'empty/',
  'link -> a',
  'lib/up -> ..',
  'dangling -> gone',
  'file -> x.js',
];
const PATTERNS = [
  '*',
  '**',
  '**/',
  '**/*',
  '*.js',
  '**/*.js',
  'a/**',
  'a/**/',
  './**',
  './*',
  '.',
  '..',
  '../*',
  '',
  '*/',
  '*/*',
  '*/b',
  '**/b',
  '**/b/*',
  '**/b/**',
  'a/*/c.js',
  '**/a/**/c.js',
  '**/..',
  '**/../*.ts',
  'a/../x.js',
  'a/./b/*',
  '.*',
  '**/.*',
  '.*/*',
  '**/.*/**',
  'a/.hidden/*',
  '{a,lib}/**/*.js',
  '*.{js,ts}',
  'a-[0-9].js',
  'a-?.js',
  '!(x).js',
  '@(x|y).*',
  '+(a)',
  'link/*',
  'link/**',
  '*/**/c.js',
  'lib/up/*',
  'lib/**/x.js',
  '**/x.js',
  'dangling',
  'dangl*',
  'file',
  'fil*',
  'gone',
  'x.js/',
  'x.js/*',
  'a//b',
  '**/**/c.js',
  '**/a',
  '/*',
  'a\\b\\c.js',
  'A',
  '#a',
  '!a',
  ['*.js', 'a/*'],
  ['**/*.js', 'x.js'],
  [],
  'empty/**',
  'empty/*',
  'a/b/',
  '**/empty/',
  '**/*.ts/',
  'lib/**/..',
  'lib/*/../x.js',
  '[[]*',
  'a[[]1].js',
].filter((pattern) => pattern !== '/*');
const EXCLUDES = [['a/**'], ['**/*.js'], ['a'], ['lib', 'link'], ['**/b'], ['a/'], []];

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'glob-'));
const root = path.join(base, 'root');
for (const line of TREE) {
  const [name, target] = line.split(' -> ');
  const file = path.join(root, name);
  fs.mkdirSync(line.endsWith('/') ? file : path.dirname(file), { recursive: true });
  if (target !== undefined) fs.symlinkSync(target, file);
  else if (!line.endsWith('/')) fs.writeFileSync(file, '');
}
// Nothing beside it, whatever else is in the directory for temporary files.
const top = path.join(root, 'top');
fs.mkdirSync(top);
for (const name of fs.readdirSync(root)) {
  if (name !== 'top') fs.renameSync(path.join(root, name), path.join(top, name));
}

const asked = PATTERNS.map((pattern) => ({ pattern }));
for (const exclude of EXCLUDES) {
  for (const pattern of ['**', '**/*.js', 'a/*', '*']) asked.push({ pattern, exclude });
}
const found = [];
for (const { pattern, exclude } of asked) {
  const options = exclude === undefined ? { cwd: top } : { cwd: top, exclude };
  const sync = fs.globSync(pattern, options);
  const promised = [];
  for await (const name of fs.promises.glob(pattern, options)) promised.push(name);
  if (sync.join() !== promised.join()) throw new Error(`flavours differ for ${pattern}`);
  const types = fs.globSync(pattern, { ...options, withFileTypes: true });
  const entries = types.map(
    (entry) => entry && `${entry.parentPath.replace(base, '') || '/'} ${entry.name}`,
  );
  found.push({ pattern, ...(exclude && { exclude }), names: sync, entries });
}
fs.rmSync(base, { recursive: true });
const lines = found.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
const tree = JSON.stringify(TREE);
const text = `{\n  "node": "${process.version}",\n  "tree": ${tree},\n  "found": [\n${lines}\n  ]\n}\n`;
fs.writeFileSync(new URL('glob-golden.json', import.meta.url), text);

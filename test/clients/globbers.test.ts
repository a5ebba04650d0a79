// What looks for files: fast-glob, globby, glob, tinyglobby, fdir, klaw.

import fastGlob from 'fast-glob';
import { fdir } from 'fdir';
import { glob, globSync } from 'glob';
import { globby, globbySync } from 'globby';
import klaw from 'klaw';
import { glob as tinyGlob, globSync as tinyGlobSync } from 'tinyglobby';
import { test } from 'vitest';
import { type Layout, onBoth } from './both.ts';

const LAYOUT: Layout = {
  'a.js': '1',
  'b.ts': '2',
  '.hidden/c.js': '3',
  'src/d.js': '4',
  'src/deep/e.js': '5',
  'src/deep/f.json': '6',
  'src/linked': '-> deep',
  'src/file-link.js': '-> d.js',
  'src/dangling.js': '-> gone',
  'node_modules/x/index.js': '7',
  '.gitignore': 'node_modules\n',
  empty: null,
};

test('fast-glob finds the same files', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    const options = { cwd: at, fs };
    tell((await fastGlob('**/*.js', options)).sort());
    tell(
      (await fastGlob('**/*', { ...options, dot: true, onlyFiles: false, stats: false })).sort(),
    );
    tell(
      fastGlob.sync(['src/**', '!**/*.json'], { ...options, followSymbolicLinks: false }).sort(),
    );
    tell(
      (await fastGlob('**/*.js', { ...options, absolute: true, objectMode: true })).map(String)
        .length,
    );
    for await (const one of fastGlob.stream('*.ts', options)) tell(String(one));
  }));

test('globby finds the same files, and heeds .gitignore', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    tell((await globby('**/*.js', { cwd: at, fs, gitignore: true })).sort());
    tell(globbySync('**/*.js', { cwd: at, fs }).sort());
    tell((await globby('src', { cwd: at, fs, expandDirectories: true })).sort());
  }));

test('glob finds the same files', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    tell((await glob('**/*.js', { cwd: at, fs })).sort());
    tell(globSync('**', { cwd: at, fs, dot: true, follow: true }).sort());
    const found = await glob('src/*', { cwd: at, fs, withFileTypes: true, stat: true });
    tell(found.map((one) => [one.name, one.isFile(), one.isSymbolicLink(), one.size]).sort());
  }));

test('tinyglobby finds the same files', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    tell((await tinyGlob('**/*.js', { cwd: at, fs })).sort());
    tell(tinyGlobSync(['**', '!src'], { cwd: at, fs, dot: true, onlyFiles: false }).sort());
  }));

test('fdir crawls the same tree', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    tell((await new fdir({ fs }).withFullPaths().withDirs().crawl(at).withPromise()).sort());
    tell(new fdir({ fs }).withRelativePaths().withSymlinks().crawl(at).sync().sort());
    tell(await new fdir({ fs }).onlyCounts().crawl(at).withPromise());
  }));

test('klaw walks the same tree', () =>
  onBoth(LAYOUT, async ({ fs, at, tell }) => {
    const seen: unknown[] = [];
    for await (const { path, stats } of klaw(at, { fs, preserveSymlinks: true } as object)) {
      seen.push(`${path} ${stats.isDirectory()} ${stats.isSymbolicLink()}`);
    }
    tell(seen.sort());
  }));

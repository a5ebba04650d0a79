// Small ones, each with a door for a file system: jsonfile, liquidjs, proper-lockfile,
// enhanced-resolve, unionfs.

import enhancedResolve from 'enhanced-resolve';
import jsonfile from 'jsonfile';
import { Liquid } from 'liquidjs';
import lockfile from 'proper-lockfile';
import { Union } from 'unionfs';
import { test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { everything, onBoth } from './both.ts';

test('jsonfile reads and writes', () =>
  onBoth({ 'a.json': '\ufeff{"a": [1, 2]}', 'bad.json': '{' }, async ({ fs, at, tell }) => {
    tell(await jsonfile.readFile(`${at}/a.json`, { fs }));
    tell(jsonfile.readFileSync(`${at}/a.json`, { fs }));
    await jsonfile.writeFile(`${at}/b.json`, { b: 2 }, { fs, spaces: 2 });
    jsonfile.writeFileSync(`${at}/c.json`, { c: 3 }, { fs, EOL: '\r\n' });
    await jsonfile.readFile(`${at}/bad.json`, { fs }).catch((error: Error) => tell(error.message));
    await jsonfile.readFile(`${at}/gone.json`, { fs }).catch((error: Error) => tell(error));
    tell(everything(fs, at));
  }));

test('liquidjs renders partials and layouts', () =>
  onBoth(
    {
      'views/page.liquid': '{% layout "base" %}{% block body %}{% include "part" %}{% endblock %}',
      'views/base.liquid': '<{% block body %}{% endblock %}>',
      'views/part.liquid': 'hello {{ name }}',
    },
    async ({ fs, at, tell }) => {
      const liquid = new Liquid({
        root: `${at}/views`,
        extname: '.liquid',
        relativeReference: false,
        fs: {
          readFile: (file) => fs.promises.readFile(file, 'utf8'),
          readFileSync: (file) => fs.readFileSync(file, 'utf8'),
          exists: async (file) => fs.existsSync(file),
          existsSync: (file) => fs.existsSync(file),
          contains: async () => true,
          containsSync: () => true,
          resolve: (root, file, ext) => `${root}/${file}${file.endsWith(ext) ? '' : ext}`,
        },
      });
      tell(await liquid.renderFile('page', { name: 'ann' }));
      tell(liquid.renderFileSync('page', { name: 'bob' }));
      await liquid.renderFile('gone').catch((error: NodeJS.ErrnoException) => tell(error.code));
    },
  ));

test('proper-lockfile locks, refuses a second time, and takes over what is stale', () =>
  onBoth({ file: 'x' }, async ({ fs, at, step, tell }) => {
    const options = { fs, realpath: true, update: 1000, stale: 2000 };
    step('lock');
    const release = await lockfile.lock(`${at}/file`, options);
    tell(await lockfile.check(`${at}/file`, options), fs.existsSync(`${at}/file.lock`));
    await lockfile.lock(`${at}/file`, options).catch((error: Error) => tell(error));
    step('contention');
    const waiting = lockfile.lock(`${at}/file`, {
      ...options,
      retries: { retries: 20, minTimeout: 20, maxTimeout: 20 },
    });
    await release();
    await (await waiting)();
    tell(await lockfile.check(`${at}/file`, options), fs.existsSync(`${at}/file.lock`));
    step('stale');
    fs.mkdirSync(`${at}/file.lock`);
    fs.utimesSync(`${at}/file.lock`, 1, 1);
    const taken = await lockfile.lock(`${at}/file`, options);
    tell(await lockfile.check(`${at}/file`, options));
    await taken();
    step('twenty at once');
    const isTaken = await Promise.all(
      Array.from({ length: 20 }, () =>
        lockfile.lock(`${at}/file`, options).then(
          () => true,
          () => false,
        ),
      ),
    );
    tell(isTaken.filter(Boolean).length);
    await lockfile.unlock(`${at}/file`, options);
    step('taken away');
    await new Promise<void>((resolve) => {
      const onCompromised = ({ code }: NodeJS.ErrnoException) => {
        tell(code);
        resolve();
      };
      const lost = lockfile.lock(`${at}/file`, { ...options, onCompromised });
      void lost.then(() => fs.rmdirSync(`${at}/file.lock`));
    });
    step('sync');
    const releaseSync = lockfile.lockSync(`${at}/file`, options);
    tell(lockfile.checkSync(`${at}/file`, options));
    releaseSync();
    await lockfile.lock(`${at}/gone`, options).catch((error: Error) => tell(error));
    tell(everything(fs, at));
  }));

test('enhanced-resolve resolves modules', () =>
  onBoth(
    {
      'app/main.js': '',
      'app/lib/index.js': '',
      'app/node_modules/pkg/package.json':
        '{"main": "lib/main.js", "exports": {".": "./lib/main.js"}}',
      'app/node_modules/pkg/lib/main.js': '',
      'app/node_modules/linked': '-> ../../real',
      'real/index.json': '{}',
    },
    async ({ fs, at, tell }) => {
      const { CachedInputFileSystem, ResolverFactory } = enhancedResolve;
      const resolver = ResolverFactory.createResolver({
        fileSystem: new CachedInputFileSystem(fs, 4000),
        extensions: ['.js', '.json'],
        conditionNames: ['import'],
      });
      for (const request of ['./main', './lib', 'pkg', 'linked', 'gone', './gone']) {
        await new Promise<void>((resolve) => {
          resolver.resolve({}, `${at}/app`, request, {}, (error, found) => {
            tell(request, error === null || error === undefined ? found : 'not found');
            resolve();
          });
        });
      }
    },
  ));

test('unionfs lays one file system over another', () =>
  onBoth({ 'below/a': 'from below', 'below/b': 'hidden' }, async ({ fs, at, tell }) => {
    const over = new VisorFs();
    over.fs.mkdirSync(`${at}/below`, { recursive: true });
    over.fs.writeFileSync(`${at}/below/b`, 'from above');
    const union = new Union().use(fs as never).use(over.fs as never);
    tell(union.readFileSync(`${at}/below/a`, 'utf8'), union.readFileSync(`${at}/below/b`, 'utf8'));
    tell(await union.promises.readFile(`${at}/below/b`, 'utf8'));
    tell((union.readdirSync(`${at}/below`) as string[]).sort());
    tell(union.existsSync(`${at}/below/c`), union.statSync(`${at}/below/a`).size);
    await new Promise<void>((resolve) => {
      union.createReadStream(`${at}/below/b`, 'utf8').on('data', tell).on('close', resolve);
    });
    await new Promise<void>((resolve) => {
      union.readFile(`${at}/below/gone`, (error) => {
        tell((error as NodeJS.ErrnoException).code);
        resolve();
      });
    });
  }));

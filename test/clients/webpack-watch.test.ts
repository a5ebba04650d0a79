// webpack's watch mode on fs.watch: what changed is built again. Its own watcher looks at the disk
// and at nothing else, so it is given one that asks the file system it reads from, on both sides.

import path from 'node:path';
import { test } from 'vitest';
import webpack from 'webpack';
import { type AnyFs, onBoth } from './both.ts';

/** A line of source that imports: not one of this file's. */
const importing = (what: string, from: string): string => `import ${what} from '${from}';\n`;

type WatchFileSystem = NonNullable<webpack.Compiler['watchFileSystem']>;
type Watch = WatchFileSystem['watch'];

/** webpack's WatchFileSystem over `fs.watch` of all below `at`. */
function watchingOf(fs: AnyFs, at: string, input: { purge?(): void }): WatchFileSystem {
  const watch: Watch = (files, directories, missing, _start, _options, done) => {
    const wanted = new Set([...files, ...directories, ...missing]);
    let changed = new Set<string>();
    let isTold = false;
    const watcher = fs.watch(at, { recursive: true }, (_event, name) => {
      const file = path.join(at, String(name));
      const isWanted = wanted.has(file) || wanted.has(path.dirname(file));
      if (!isWanted || isTold) return;
      changed.add(file);
      isTold = true;
      setImmediate(() => {
        watcher.close();
        input.purge?.();
        done(null, new Map(), new Map(), changed, new Set());
        changed = new Set();
      });
    });
    return {
      close: () => watcher.close(),
      pause: () => watcher.close(),
      getInfo: () => ({
        changes: changed,
        removals: new Set<string>(),
        fileTimeInfoEntries: new Map(),
        contextTimeInfoEntries: new Map(),
      }),
    } as unknown as ReturnType<Watch>;
  };
  return { watch };
}

test('webpack watches, and builds again what changed', () =>
  onBoth(
    {
      'src/index.js': `${importing('{ two }', './two')}console.log(two);\n`,
      'src/two.js': 'export const two = 2;\n',
    },
    async ({ fs, at, step, tell }) => {
      const compiler = webpack({
        context: at,
        mode: 'none',
        entry: './src/index.js',
        output: { path: `${at}/out`, filename: 'bundle.js' },
        cache: false,
        plugins: [
          (made: webpack.Compiler) => {
            made.inputFileSystem = fs as unknown as typeof made.inputFileSystem;
            made.outputFileSystem = fs as unknown as typeof made.outputFileSystem;
            made.watchFileSystem = watchingOf(fs, `${at}/src`, {});
          },
        ],
      } as webpack.Configuration);
      let built: (stats: webpack.Stats) => void = () => {};
      const next = (): Promise<webpack.Stats> =>
        new Promise((resolve) => {
          built = resolve;
        });
      step('the first build');
      let building = next();
      const watching = compiler.watch({ aggregateTimeout: 0 }, (error, stats) => {
        if (error) throw error;
        built(stats!);
      })!;
      tell((await building).hasErrors());
      for (const content of ['export const two = 22;\n', 'export const two = 222;\n']) {
        step(content);
        await new Promise(setImmediate);
        building = next();
        fs.writeFileSync(`${at}/src/two.js`, content);
        tell((await building).hasErrors());
        tell(fs.readFileSync(`${at}/out/bundle.js`, 'utf8').includes(content.slice(13, -2)));
      }
      step('close');
      await new Promise<void>((resolve) => watching.close(() => resolve()));
    },
  ));

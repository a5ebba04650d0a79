// What compiles and bundles: TypeScript 5, rollup, webpack.

import path from 'node:path';
import { type RollupFsModule, rollup } from 'rollup';
import ts from 'typescript5';
import { expect, test } from 'vitest';
import webpack from 'webpack';
import { type AnyFs, everything, type Layout, onBoth } from './both.ts';

/** A line of source that imports: not one of this file's. */
const importing = (what: string, from: string): string => `import ${what} from '${from}';\n`;
const later = (from: string): string => `import('${from}');\n`;

const SOURCES: Layout = {
  'src/main.ts': `${importing('{ two }', './two')}export const four: number = two * 2;\n`,
  'src/two.ts': 'export const two = 2;\n',
  'src/wrong.ts': "export const wrong: number = 'text';\n",
  'lib.d.ts':
    'interface Array<T> { length: number }\ninterface Boolean {}\ninterface Function {}\n',
};

/** TypeScript's System over `fs`. */
function systemOf(fs: AnyFs, at: string): ts.System {
  const isKind = (kind: 'isFile' | 'isDirectory') => (file: string) =>
    fs.statSync(file, { throwIfNoEntry: false })?.[kind]() ?? false;
  return {
    ...ts.sys,
    args: [],
    newLine: '\n',
    useCaseSensitiveFileNames: true,
    write: () => {},
    readFile: (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined),
    writeFile: (file, text) => fs.writeFileSync(file, text),
    fileExists: isKind('isFile'),
    directoryExists: isKind('isDirectory'),
    createDirectory: (folder) => fs.mkdirSync(folder),
    getDirectories: (folder) =>
      fs
        .readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name),
    getCurrentDirectory: () => at,
    getExecutingFilePath: () => `${at}/tsc.js`,
    realpath: (file) => fs.realpathSync(file),
    getModifiedTime: (file) => fs.statSync(file).mtime,
    resolvePath: (file) => path.posix.resolve(at, file),
  };
}

test('TypeScript 5 compiles, and compiles again what changed', () =>
  onBoth(SOURCES, async ({ fs, at, step, tell }) => {
    const system = systemOf(fs, at);
    const options: ts.CompilerOptions = {
      incremental: true,
      tsBuildInfoFile: `${at}/out/info.json`,
      outDir: `${at}/out`,
      rootDir: `${at}/src`,
      declaration: true,
      noLib: true,
      types: [],
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2020,
    };
    const compile = (): void => {
      const host = ts.createIncrementalCompilerHost(options, system);
      const program = ts.createIncrementalProgram({
        rootNames: [`${at}/src/main.ts`, `${at}/src/wrong.ts`, `${at}/lib.d.ts`],
        options,
        host,
      });
      const found = [...program.getSemanticDiagnostics(), ...program.getSyntacticDiagnostics()];
      const { emittedFiles = [], emitSkipped } = program.emit();
      tell(emitSkipped, emittedFiles);
      tell(found.map(({ code, file, messageText }) => [code, file?.fileName, messageText]));
    };
    step('compile');
    compile();
    step('compile again');
    fs.writeFileSync(`${at}/src/two.ts`, 'export const two = 3;\n');
    compile();
    tell(everything(fs, `${at}/out`).filter((line) => !line.startsWith('/info.json')));
    expect(everything(fs, at).some((line) => line.startsWith('/out/main.js'))).toBe(true);
  }));

test('rollup bundles', () =>
  onBoth(
    {
      'main.js': `${importing('{ two }', './lib/two.js')}${later('./later.js')}console.log(two);\n`,
      'lib/two.js': 'export const two = 2;\nexport const unused = 3;\n',
      'later.js': importing('{ two }', './lib/two.js').replace('import', 'export'),
    },
    async ({ fs, at, step, tell }) => {
      step('rollup');
      const bundle = await rollup({
        input: `${at}/main.js`,
        fs: fs.promises as unknown as RollupFsModule,
        onwarn: () => {},
      });
      await bundle.write({ dir: `${at}/out`, format: 'es' });
      await bundle.close();
      tell(everything(fs, `${at}/out`));
      await rollup({ input: `${at}/gone.js`, fs: fs.promises as unknown as RollupFsModule }).catch(
        (error: NodeJS.ErrnoException) => tell(error.code),
      );
    },
  ));

test('webpack bundles from and into a file system', () =>
  onBoth(
    {
      'src/index.js': [
        importing('{ two }', './two'),
        importing('data', './data.json'),
        'console.log(two, data);',
      ].join(''),
      'src/two.js': 'export const two = 2;\n',
      'src/data.json': '{"three": 3}',
    },
    async ({ fs, at, step, tell }) => {
      const compiler = webpack({
        context: at,
        mode: 'none',
        entry: './src/index.js',
        output: { path: `${at}/out`, filename: 'bundle.js', clean: true },
        cache: false,
        infrastructureLogging: { level: 'none' },
      });
      compiler.inputFileSystem = fs as unknown as typeof compiler.inputFileSystem;
      compiler.outputFileSystem = fs as unknown as typeof compiler.outputFileSystem;
      compiler.intermediateFileSystem = fs as unknown as typeof compiler.intermediateFileSystem;
      step('run');
      const stats = await new Promise<webpack.Stats>((resolve, reject) => {
        compiler.run((error, result) => (error ? reject(error) : resolve(result!)));
      });
      step('close');
      await new Promise<void>((resolve) => compiler.close(() => resolve()));
      tell(
        stats.hasErrors(),
        stats.compilation.errors.map(({ message }) => message),
      );
      tell(Object.keys(stats.compilation.assets), everything(fs, `${at}/out`));
    },
  ));

test('webpack keeps its cache in a file system, and builds by it only what changed', () =>
  onBoth(
    {
      'src/index.js': `${importing('{ two }', './two')}import('./lazy').then(console.log, two);`,
      'src/two.js': 'export const two = 2;\n',
      'src/lazy.js': "export default 'lazy';\n",
      'out/stale.js': 'cleaned away',
    },
    async ({ fs, at, step, tell }) => {
      const build = async () => {
        const compiler = webpack({
          context: at,
          mode: 'production',
          devtool: 'source-map',
          entry: './src/index.js',
          // Unless said, the name is from a package.json, looked for past the three file systems.
          output: { path: `${at}/out`, clean: true, uniqueName: 'app' },
          optimization: { minimize: false },
          recordsPath: `${at}/records.json`,
          // webpack's own files are build dependencies unless said, and are on one of the two only.
          cache: {
            type: 'filesystem',
            cacheDirectory: `${at}/cache`,
            buildDependencies: { defaultWebpack: [] },
          },
          infrastructureLogging: { level: 'none' },
          // As a plugin, for the cache takes its file system before webpack() returns.
          plugins: [
            (to: webpack.Compiler) => {
              to.inputFileSystem = fs as unknown as typeof to.inputFileSystem;
              to.outputFileSystem = fs as unknown as typeof to.outputFileSystem;
              to.intermediateFileSystem = fs as unknown as typeof to.intermediateFileSystem;
            },
          ],
        });
        const stats = await new Promise<webpack.Stats>((resolve, reject) => {
          compiler.run((error, result) => (error ? reject(error) : resolve(result!)));
        });
        const modules = [...stats.compilation.modules].map((module) => [
          module.identifier(),
          stats.compilation.builtModules.has(module),
        ]);
        tell(modules.sort(), everything(fs, `${at}/out`));
        await new Promise<void>((resolve) => compiler.close(() => resolve()));
        tell(fs.readdirSync(`${at}/cache`, { recursive: true }).sort());
        tell(fs.readFileSync(`${at}/records.json`, 'utf8'));
      };
      step('first build');
      await build();
      step('by what is kept');
      await build();
      step('what changed');
      fs.writeFileSync(`${at}/src/two.js`, 'export const two = 22;\n');
      await build();
    },
  ));

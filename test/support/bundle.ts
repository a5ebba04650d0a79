/**
 * What a page would load of the door for any runtime, as esbuild packs it from the sources.
 */

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = 'page.ts';

/** Bytes of minified script, and of the same as a server sends it: each file in gzip. */
export interface Weight {
  readonly minified: number;
  readonly gzip: number;
}

export interface Bundle {
  /** What is loaded before the page's first statement runs. */
  readonly eager: Weight;
  /** That, and all that may be loaded after it. */
  readonly whole: Weight;
  /** The files that went into what is eager, as esbuild names them, and the packages of them. */
  readonly eagerInputs: readonly string[];
  readonly eagerPackages: readonly string[];
  readonly packages: readonly string[];
  /** Every file that went into it, as esbuild names them. */
  readonly inputs: readonly string[];
  /** What it imports and has not in it. */
  readonly missing: readonly string[];
}

/** The page that says `code`, which imports the sources by './src/…', packed. */
export async function bundled(code: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: 'ts', sourcefile: ENTRY },
    absWorkingDir: ROOT,
    outdir: 'bundle',
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const bytes = new Map(outputFiles.map((file) => [path.relative(ROOT, file.path), file.contents]));
  const weight = (names: readonly string[]): Weight => ({
    minified: names.reduce((sum, name) => sum + bytes.get(name)!.length, 0),
    gzip: names.reduce((sum, name) => sum + gzipSync(bytes.get(name)!, { level: 9 }).length, 0),
  });
  const eager = eagerOf(outputs);
  const eagerInputs = eager.flatMap((name) => Object.keys(outputs[name]!.inputs));
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return {
    eager: weight(eager),
    whole: weight(Object.keys(outputs)),
    eagerInputs,
    eagerPackages: packagesIn(eagerInputs),
    packages: packagesIn(Object.keys(metafile.inputs)),
    inputs: Object.keys(metafile.inputs),
    missing: imports.filter(({ external }) => external).map(({ path }) => path),
  };
}

/** The files of `outputs` that the entry imports, itself and by what it imports. */
function eagerOf(outputs: Metafile['outputs']): string[] {
  const entry = Object.keys(outputs).find((name) => outputs[name]!.entryPoint === ENTRY)!;
  const found = new Set([entry]);
  for (const name of found) {
    for (const { path, kind } of outputs[name]!.imports) {
      if (kind === 'import-statement') found.add(path);
    }
  }
  return [...found];
}

function packagesIn(inputs: readonly string[]): string[] {
  const names = inputs.flatMap((input) => {
    const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
    return found === null ? [] : [found[1]!];
  });
  return [...new Set(names)].sort();
}

/**
 * The sources as plain JavaScript, for threads and processes that no test runner compiles for.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/**
 * Writes `src`, but for the command line, as JavaScript into a new folder from which packages are
 * found; returns its URL.
 */
export function compiledSources(): URL {
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  const folder = fs.mkdtempSync(path.join(ROOT, 'build', 'compiled-'));
  writeSources(folder, (name) => !name.startsWith('cli'));
  return pathToFileURL(`${folder}/`);
}

/** Writes what `isWanted` of `src` as JavaScript into `folder`. */
export function writeSources(folder: string, isWanted = (_name: string): boolean => true): void {
  for (const name of fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }) as string[]) {
    const isCode = name.endsWith('.ts') && !name.endsWith('.d.ts');
    if (!isCode || !isWanted(name)) continue;
    const source = fs.readFileSync(path.join(ROOT, 'src', name), 'utf8');
    const outputText = transpiled(source, name);
    const file = path.join(folder, name.replace(/\.ts$/, '.js'));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, outputText);
  }
}

/** `source` as JavaScript, kept by its sum: the compiler takes seconds for all of them. */
function transpiled(source: string, fileName: string): string {
  const sum = createHash('sha256')
    .update(`${ts.version} ${fileName}\0`)
    .update(source)
    .digest('hex');
  const kept = path.join(ROOT, 'build', 'transpiled', `${sum}.js`);
  if (fs.existsSync(kept)) return fs.readFileSync(kept, 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: COMPILER_OPTIONS,
    fileName,
  });
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  // Whole or not at all: other tests read it at the same time.
  fs.writeFileSync(`${kept}.${process.pid}`, outputText);
  fs.renameSync(`${kept}.${process.pid}`, kept);
  return outputText;
}

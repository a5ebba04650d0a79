/**
 * The sources as plain JavaScript, for threads and processes that no test runner compiles for.
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Writes `src`, but for the command line, as JavaScript into a new folder from which packages are
 * found; returns its URL.
 */
export function compiledSources(): URL {
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  const folder = fs.mkdtempSync(path.join(ROOT, 'build', 'compiled-'));
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  };
  for (const name of fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }) as string[]) {
    const isCode = name.endsWith('.ts') && !name.endsWith('.d.ts');
    if (!isCode || name.startsWith('cli')) continue;
    const source = fs.readFileSync(path.join(ROOT, 'src', name), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: name });
    const file = path.join(folder, name.replace(/\.ts$/, '.js'));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, outputText);
  }
  return pathToFileURL(`${folder}/`);
}

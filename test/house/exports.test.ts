/**
 * Every name that a door gives out is documented where it is declared, and so is every method of
 * the classes and interfaces of the front doors: `npm run docs` makes the reference of these, and
 * editors show them. The methods of what the other doors give, and of the shapes of node:fs, are
 * other programs' words.
 *
 * A field whose name and type say it all needs no words. The checker is asked of a file with gaps
 * first, because one that cannot fail is none.
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where methods are named and defined by others. */
const WORDS_OF_OTHERS = /^src\/(doors|nodefs)\//;
const SAMPLE = 'sample.ts';
const GAPS = `
  /** Said. */ export interface Said { 
    readonly size: number;
    /** Said. */
    close(): void;
  }
  /** Said. */ export class Half { quiet(): void {} private hidden(): void {} #own(): void {} }
  export type Unsaid = string;
  export const unsaid = 1;
  /** Said. */ export function said(): void {}
`;

/** What the doors `files` give out and do not document, as "file: name". */
function undocumented(files: readonly string[], host?: ts.CompilerHost): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noLib: true,
    noEmit: true,
    types: [],
  };
  const program = ts.createProgram([...files], options, host);
  const checker = program.getTypeChecker();
  const gaps = new Set<string>();
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    for (const exported of checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
      const home = symbol.declarations?.[0]?.getSourceFile().fileName ?? file;
      const place = path.relative(ROOT, home);
      if (!isSaid(symbol, checker)) gaps.add(`${place}: ${exported.name}`);
      for (const member of symbol.members?.values() ?? []) {
        if (!WORDS_OF_OTHERS.test(place) && isPublicMethod(member) && !isSaid(member, checker)) {
          gaps.add(`${place}: ${exported.name}.${member.name}`);
        }
      }
    }
  }
  return [...gaps].sort();
}

function isSaid(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '';
}

function isPublicMethod({ flags, valueDeclaration }: ts.Symbol): boolean {
  if ((flags & ts.SymbolFlags.Method) === 0 || valueDeclaration === undefined) return false;
  const { Private, Protected } = ts.ModifierFlags;
  const hidden = ts.getCombinedModifierFlags(valueDeclaration) & (Private | Protected);
  const name = ts.getNameOfDeclaration(valueDeclaration);
  return hidden === 0 && name !== undefined && !ts.isPrivateIdentifier(name);
}

test('every export of every door is documented, and every method of it', () => {
  const doors = fs.readdirSync(path.join(ROOT, 'src/doors')).map((name) => `src/doors/${name}`);
  const files = ['src/index.ts', 'src/node.ts', ...doors].map((name) => path.join(ROOT, name));
  expect(undocumented(files)).toEqual([]);
});

test('and a gap is found', () => {
  const host = ts.createCompilerHost({});
  const source = ts.createSourceFile(SAMPLE, GAPS, ts.ScriptTarget.ES2022, true);
  const sampleHost: ts.CompilerHost = {
    ...host,
    getSourceFile: (name) => (name === SAMPLE ? source : undefined),
    fileExists: (name) => name === SAMPLE,
  };
  const found = undocumented([SAMPLE], sampleHost).map((gap) => gap.replace(/^.*: /, ''));
  expect(found).toEqual(['Half.quiet', 'Unsaid', 'unsaid']);
});

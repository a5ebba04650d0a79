/**
 * Every function, class and constant that a door gives out has an `@example` where it is declared,
 * and every `@example` of src runs as it stands there and prints what it says.
 *
 * Each is a module in a folder of its own, which has a copy of `images` that all share, to be read,
 * and of these what it names:
 *
 *   host         a bank: a copy of images/bank
 *   pair         a host of two banks, `bootbank`, which is the newer one, and `altbootbank`
 *   boot.img     a disk image with images/bank in its first bank
 *   bundle.zip   an offline bundle of hostd.vib and fdm.vib, with both in the image profile `Lab`
 *   depot        the same, unpacked
 *
 * Its names of visorfs come from the door that gives out what it documents. Where they are not its
 * own, these are given:
 *
 *   vfs       a VisorFs over images/bank/sb.v00
 *   host      the host in the folder `host`, booted
 *   file      a Blob of images/vibs/hostd.vib, as a user drops one on a page
 *   tgz       a Blob of images/good/sticky.tgz
 *   worker    what stands for a worker: it receives `data`
 *   Module    a program that Emscripten built: PGlite's
 *   PGlite    its class, which makes no database here, as that takes seconds: DOORS.md has one
 *
 * At 127.0.0.1:8080, which is another port here, a server has the files of images/bank.
 */

import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledSources } from '../support/compiled.ts';
import { printCount, printedInNode, promised } from '../support/examples.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGES = path.join(ROOT, 'images');
const BANK = path.join(IMAGES, 'bank');
const SERVER = '127.0.0.1:8080';
/** More is for a guide. */
const MOST_LINES = 8;

const GIVEN: Readonly<Record<string, string>> = {
  vfs: `const vfs = await node.mount('images/bank/sb.v00');`,
  host: `const host = await node.Host.boot(node.folderDevice('host'));`,
  file: `const file = await (await import('node:fs')).openAsBlob('images/vibs/hostd.vib');`,
  tgz: `const tgz = await (await import('node:fs')).openAsBlob('images/good/sticky.tgz');`,
  worker: `let data; const worker = { postMessage(sent) { data = structuredClone(sent); } };`,
  PGlite: `const PGlite = { create: async (options) => {
    const { PGlite: Whole } = await import('@electric-sql/pglite');
    return Whole.create({ ...options, noInitDb: true });
  } };`,
  Module: `
    const { PGlite: Whole } = await import('@electric-sql/pglite');
    const { Module } = await Whole.create({ noInitDb: true });`,
};

/** What a docstring shows. */
interface Documented {
  /** Where: `src/vfs/snapshot.ts: Snapshot.toBytes`. */
  readonly title: string;
  readonly code: string;
  /** The file that it is in, from src. */
  readonly home: string;
}

/** What a door gives out, by its name: where that is declared, and as what. */
type Exports = ReadonlyMap<string, Exported>;

/** Where something is declared, by which name, and whether only its type is given out. */
interface Exported {
  readonly home: string;
  readonly name: string;
  readonly isType: boolean;
}

/** The sources, and what their docstrings show. */
class Sources {
  readonly #files: ReadonlyMap<string, string>;
  readonly #parsed = new Map<string, ts.SourceFile>();

  /** `files` are texts by their paths from src. */
  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  /** All examples. */
  examples(): Documented[] {
    const shown = [...this.#files].filter(([, source]) => source.includes('@example'));
    return shown.flatMap(([home]) => {
      const found: Documented[] = [];
      const visit = (node: ts.Node, above: string): void => {
        const own = nameOf(node);
        const name = [above, own].filter((part) => part !== '').join('.');
        for (const code of examplesOf(node)) {
          found.push({ title: `src/${home}: ${name}`, code, home });
        }
        ts.forEachChild(node, (child) => visit(child, name));
      };
      visit(this.#parse(home), '');
      return found;
    });
  }

  /** What `door` gives out, types too. */
  exportsOf(door: string): Exports {
    const all = new Map<string, Exported>();
    for (const statement of this.#parse(door).statements) {
      if (!ts.isExportDeclaration(statement)) {
        for (const name of exportedBy(statement)) {
          all.set(name, { home: door, name, isType: false });
        }
        continue;
      }
      const target = (statement.moduleSpecifier as ts.StringLiteral).text;
      const home = path.posix.join(path.posix.dirname(door), target);
      const { elements } = statement.exportClause as ts.NamedExports;
      for (const { name, propertyName, isTypeOnly } of elements) {
        const isType = statement.isTypeOnly || isTypeOnly;
        all.set(name.text, { home, name: (propertyName ?? name).text, isType });
      }
    }
    return all;
  }

  /** The functions, classes and constants that `doors` give out without an example. */
  missing(doors: readonly string[]): string[] {
    const missing = doors.flatMap((door) =>
      [...this.exportsOf(door).values()].flatMap(({ home, name, isType }) => {
        if (isType) return [];
        const declared = this.#parse(home).statements.filter(isOfValue);
        const ours = declared.filter((statement) => exportedBy(statement).includes(name));
        const has = ours.some((statement) => examplesOf(statement).length > 0);
        return ours.length === 0 || has ? [] : [`src/${home}: ${name}`];
      }),
    );
    return [...new Set(missing)].sort();
  }

  #parse(name: string): ts.SourceFile {
    const parsed =
      this.#parsed.get(name) ??
      ts.createSourceFile(name, this.#files.get(name)!, ts.ScriptTarget.ES2022, true);
    this.#parsed.set(name, parsed);
    return parsed;
  }
}

function isOfValue(node: ts.Node): boolean {
  return (
    ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isVariableStatement(node)
  );
}

/** The names that `statement` declares and gives out. */
function exportedBy(statement: ts.Statement): string[] {
  const isOut = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
  if (!isOut) return [];
  if (!ts.isVariableStatement(statement)) return isOfValue(statement) ? [nameOf(statement)] : [];
  return statement.declarationList.declarations.map((one) => one.name.getText());
}

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) return exportedBy(node).join(', ');
  const { name } = node as { name?: ts.Node };
  const isDeclared = ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node);
  return (isDeclared || ts.isClassElement(node)) && name !== undefined ? name.getText() : '';
}

/** The code of each `@example` in the docstring of `node`. */
function examplesOf(node: ts.Node): string[] {
  const docs = (node as { jsDoc?: ts.JSDoc[] }).jsDoc ?? [];
  const parts =
    docs
      .at(-1)
      ?.getText()
      .split(/^\s*\* @example$/m)
      .slice(1) ?? [];
  return parts.map((part) => {
    const lines = part
      .replace(/\s*\*\/$/, '')
      .split('\n')
      .slice(1);
    return `${lines.map((line) => line.replace(/^\s*\* ?/, '')).join('\n')}\n`;
  });
}

/** Whether `code` names `name`, and does not make it. */
function isGiven(code: string, name: string): boolean {
  const isNamed = new RegExp(`(?<![\\w'/]|(?<!\\.\\.)\\.)${name}\\b(?!['/])`).test(code);
  const isMade = new RegExp(
    `^ *(?:const|let) [^=]*\\b${name}\\b|^import .*\\b${name}\\b`,
    'm',
  ).test(code);
  return isNamed && !isMade;
}

const files = new Map(
  (fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => [name, fs.readFileSync(path.join(ROOT, 'src', name), 'utf8')]),
);
const source = new Sources(files);
const MANIFEST = fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8');
const OTHERS = [...MANIFEST.matchAll(/"\.\/dist\/(doors\/[a-z-]+)\.js"/g)].map(
  ([, door]) => `${door}.ts`,
);
const DOORS = ['index.ts', 'node.ts', ...OTHERS];
const examples = source.examples();

/** The module that an example is: its code, behind what it names and does not make. */
function moduleOf({ code, home }: Documented, port: number): string {
  const isPortable = home === 'index.ts' || home.startsWith('portable/');
  const doors = [isPortable ? 'index.ts' : 'node.ts', ...(OTHERS.includes(home) ? [home] : [])];
  const imports = doors.map((door, index) => `import * as door${index} from './${jsOf(door)}';`);
  const given = Object.entries(GIVEN).filter(([name]) => isGiven(code, name));
  const all = doors.flatMap((door) => [...source.exportsOf(door).keys()]);
  const used = all.filter((name) => isGiven(code, name));
  const lines = [
    `import * as node from './node.js';`,
    ...imports,
    `const { ${used.join(', ')} } = { ${doors.map((_, index) => `...door${index}`).join(', ')} };`,
    ...given.map(([, line]) => line),
    code.replaceAll(SERVER, `127.0.0.1:${port}`),
  ];
  return lines.join('\n');
}

function jsOf(name: string): string {
  return name.replace(/ts$/, 'js');
}

/** Makes what examples name, in `folder`, each under its name, with the door for Node. */
async function makeFiles(folder: string, node: typeof import('../../src/node.ts')): Promise<void> {
  const at = (name: string): string => path.join(folder, name);
  fs.cpSync(BANK, at('host'), { recursive: true });
  for (const bank of ['bootbank', 'altbootbank']) {
    fs.cpSync(BANK, at(`pair/${bank}`), { recursive: true });
  }
  const cfg = fs.readFileSync(path.join(BANK, 'boot.cfg'), 'utf8');
  fs.writeFileSync(at('pair/bootbank/boot.cfg'), cfg.replace('updated=1', 'updated=2'));
  const sizes = { efiSize: '2mb', bankSize: '4mb', dumpSize: '1mb' };
  const disk = node.newFileDisk(at('boot.img'), await node.blobBytes(sizes));
  const bank = fs.readdirSync(BANK).map((name) => node.fileSource(path.join(BANK, name), name));
  const guid = '00000000-0000-4000-8000-000000000000';
  await node.createBlob(disk, { guid, banks: { bootbank: bank }, ...sizes });
  for (const { close } of [disk, ...bank]) close();
  const vibs = ['hostd', 'fdm'].map((name) => path.join(IMAGES, `vibs/${name}.vib`));
  const { pieces } = await node.createBundle(vibs, { profiles: [{ name: 'Lab' }] });
  fs.writeFileSync(at('bundle.zip'), Buffer.concat(pieces));
  const bundle = await node.openBundle(at('bundle.zip'));
  for (const name of (await bundle.source.list())!) {
    const content = (await bundle.source.open(name))!;
    const bytes = new Uint8Array(content.size);
    content.readInto(bytes, 0);
    fs.mkdirSync(path.dirname(at(`depot/${name}`)), { recursive: true });
    fs.writeFileSync(at(`depot/${name}`), bytes);
  }
  bundle.close();
}

/** A new folder in `root` with what `code` names of what is in `made`. */
function folderFor(code: string, root: string, made: string): string {
  const folder = fs.mkdtempSync(path.join(root, 'example-'));
  fs.symlinkSync(path.join(root, 'images'), path.join(folder, 'images'));
  const wanted = isGiven(code, 'host') ? `${code}'host'` : code;
  for (const name of fs.readdirSync(made)) {
    const isNamed = wanted.includes(`'${name}'`) || wanted.includes(`'${name}/`);
    if (isNamed) fs.cpSync(path.join(made, name), path.join(folder, name), { recursive: true });
  }
  return folder;
}

let root: string;
let compiled: URL;
let server: http.Server;
let printed: (string[] | null)[];
beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-examples-'));
  compiled = compiledSources();
  const made = path.join(root, 'made');
  fs.mkdirSync(made);
  fs.cpSync(IMAGES, path.join(root, 'images'), { recursive: true });
  // As it is built: here it would be compiled once more.
  await makeFiles(
    made,
    createRequire(import.meta.url)(fileURLToPath(new URL('node.js', compiled))),
  );
  server = http.createServer(({ url }, response) => {
    const file = path.join(BANK, path.basename(url!));
    response.writeHead(fs.existsSync(file) ? 200 : 404);
    response.end(fs.existsSync(file) ? fs.readFileSync(file) : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const runs = examples.map((example) => {
    return { code: moduleOf(example, port), folder: folderFor(example.code, root, made) };
  });
  printed = await printedInNode(runs, compiled);
});
afterAll(async () => {
  fs.rmSync(root, { recursive: true, force: true });
  fs.rmSync(compiled, { recursive: true, force: true });
  server?.closeAllConnections();
  await new Promise((closed) => server?.close(closed));
});

test('all that a door gives out shows how it is used', () => {
  expect(source.missing(DOORS)).toEqual([]);
});

test('and what does not is found', () => {
  const gaps = new Sources(
    new Map([
      ['door.ts', `export { a, B as C, type D } from './room.ts';\nexport const e = 1;`],
      [
        'room.ts',
        `/** A.\n * @example\n * a(); */ export function a() {}
        /** B. */ export class B { /** C.\n * @example\n * c(); */ c() {} }
        export type D = string; export function f() {}`,
      ],
    ]),
  );
  expect(gaps.missing(['door.ts'])).toEqual(['src/door.ts: e', 'src/room.ts: B']);
});

test('every example says what it prints, and is short', () => {
  for (const { title, code } of examples) {
    expect(printCount(code), title).toBe(promised(code).length);
    expect(printCount(code), title).toBeGreaterThan(0);
    expect(code.trim().split('\n').length, title).toBeLessThanOrEqual(MOST_LINES);
  }
});

test('all that is given is used', () => {
  const unused = Object.keys(GIVEN).filter(
    (name) => !examples.some(({ code }) => isGiven(code, name)),
  );
  expect(unused).toEqual([]);
});

test.each(examples.map(({ title }, index) => [title, index] as const))(
  'the example of %s (%i) runs and prints what it says',
  (_title, index) => {
    const said = promised(examples[index]!.code);
    expect(printed[index] ?? said).toEqual(said);
  },
);

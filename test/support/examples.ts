/**
 * Runs examples of the documentation: each is a module, and all of them run one after the other in
 * one process of Node, over the sources as they are built.
 *
 * What `console.log` prints is what the comment behind it says, or the line of comment below it;
 * objects are printed in one line. An example that throws prints its error.
 */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A module to run, and the folder to run it in. */
export interface Example {
  readonly code: string;
  readonly folder: string;
}

const SAID = /^ *console\.log\(.*\);(?: |\n *)\/\/ (.*)$/gm;
const VFS_FLAG = '--experimental-vfs';
const hasVfs = process.allowedNodeEnvironmentFlags.has(VFS_FLAG);

/** Runs the modules that it is given with their folders, and writes what each printed, as JSON. */
const MAIN = `
import { formatWithOptions } from 'node:util';
const all = [];
for (const [file, folder] of JSON.parse(process.argv[2])) {
  const lines = [];
  console.log = (...given) => {
    lines.push(formatWithOptions({ breakLength: Infinity, compact: true, depth: 9 }, ...given));
  };
  process.chdir(folder);
  try {
    await import(file);
    // What is told after a verb has its turn.
    await new Promise(setImmediate);
  } catch (error) {
    lines.push(String(error));
  }
  all.push(lines);
}
process.stdout.write(JSON.stringify(all), () => process.exit());
`;

/** What `code` says that it prints. */
export function promised(code: string): string[] {
  return [...code.matchAll(SAID)].map(([, said]) => said!);
}

/** How often `code` prints. */
export function printCount(code: string): number {
  return code.match(/console\.log\(/g)?.length ?? 0;
}

/** `code` with the names of visorfs's doors as where they are, seen from `root`. */
export function placed(code: string, root: string, main: string): string {
  return code.replace(/ from 'visorfs(?:\/([a-z-]+))?'/g, (_all, door?: string) => {
    return ` from '${root}${door === undefined ? main : `doors/${door}.js`}'`;
  });
}

/**
 * The lines that each of `examples` prints over `sources`, or null where this Node cannot run it,
 * which lacks node:vfs then.
 */
export async function printedInNode(
  examples: readonly Example[],
  sources: URL,
): Promise<(string[] | null)[]> {
  const runs = examples.map(({ code }) => hasVfs || !code.includes("'node:vfs'"));
  const files = examples.map(({ code, folder }, index) => {
    const file = new URL(`example-${index}.mjs`, sources);
    fs.writeFileSync(file, placed(code, './', 'node.js'));
    return [file.href, folder];
  });
  const main = new URL('examples.mjs', sources);
  fs.writeFileSync(main, MAIN);
  const flags = hasVfs ? [VFS_FLAG, '--no-warnings'] : [];
  const given = JSON.stringify(files.filter((_, index) => runs[index]));
  const args = [...flags, fileURLToPath(main), given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  const printed = JSON.parse(stdout) as string[][];
  return runs.map((is) => (is ? printed.shift()! : null));
}

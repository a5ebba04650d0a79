/**
 * `visorfs tree`: a directory of the images and all that is below it, drawn.
 */

import type { Command } from 'commander';
import type { VisorFs } from '../../node.ts';
import { described, type Entry, entriesIn, entryAt } from '../entries.ts';
import { counted } from '../figures.ts';
import { checkPath, openStack, splitPath } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { IMAGE, PATH_HELP, PATH_OPTION } from '../words.ts';

interface Options {
  readonly path?: string;
  readonly json?: true;
}

/** Adds `tree` to `program`. */
export function addTree(program: Command, out: Output): void {
  program
    .command('tree')
    .summary('draw a directory')
    .description('Draws a directory of the images and all that is below it.')
    .usage('[options] <image>... [path]')
    .addArgument(landingArgument('<image...>', IMAGE))
    .option('-p, --path <path>', PATH_OPTION)
    .option('--json', 'as nested objects')
    .addHelpText('after', `${PATH_HELP}\nExample:\n  visorfs tree base.v00 /etc`)
    .action(async (given: string[], options: Options) => {
      const request = await splitPath(given, out, options.path);
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        const top = entryAt(vfs, request.path);
        await out.write(options.json ? jsonLine(nested(vfs, top)) : drawn(vfs, top));
      } finally {
        close();
      }
    });
}

function nested(vfs: VisorFs, entry: Entry): Record<string, unknown> {
  if (entry.type !== 'directory') return described(entry);
  const children = entriesIn(vfs, entry.bytes).map((child) => nested(vfs, child));
  return { ...described(entry), children };
}

function drawn(vfs: VisorFs, top: Entry): string {
  const lines = [printable(top.path)];
  let directories = 0;
  let files = 0;
  const draw = (entry: Entry, margin: string): void => {
    const entries = entriesIn(vfs, entry.bytes);
    entries.forEach((child, index) => {
      const isLast = index === entries.length - 1;
      const arrow = child.target === undefined ? '' : ` -> ${printable(child.target)}`;
      lines.push(`${margin}${isLast ? '└── ' : '├── '}${printable(child.name)}${arrow}`);
      const isDirectory = child.type === 'directory';
      if (isDirectory) directories += 1;
      else files += 1;
      if (isDirectory) draw(child, `${margin}${isLast ? '    ' : '│   '}`);
    });
  };
  if (top.type === 'directory') draw(top, '');
  const sum = `${counted(directories, 'directory', 'directories')}, ${counted(files, 'file')}`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}

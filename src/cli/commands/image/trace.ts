/**
 * `visorfs image trace`: what a script does with a tree, verb by verb, as strace shows it or as
 * JSON.
 */

import type { Command } from 'commander';
import { type TraceRecord, trace, traceLine } from '../../../node.ts';
import { openStack } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output } from '../../output.ts';
import { RUN_EXAMPLE, runOn, runOption, scriptOf } from '../../script.ts';
import { IMAGE } from '../../words.ts';

/** Adds `trace` to `image`. */
export function addTrace(image: Command, out: Output): void {
  image
    .command('trace')
    .summary('what a script does with the images, verb by verb')
    .description(
      'Runs a script on the tree of the images, and shows every verb that it calls, with its ' +
        'path, result, bytes and duration in seconds.',
    )
    .addArgument(landingArgument('<image...>', IMAGE))
    .addOption(runOption().makeOptionMandatory())
    .option('--json', 'as an object a line, durations in milliseconds')
    .addHelpText(
      'after',
      `\nExample:\n  visorfs image trace images/bank --run fill.mjs\n${RUN_EXAMPLE}`,
    )
    .action(async (images: string[], { run, json }: { readonly run: string; json?: true }) => {
      const script = await scriptOf(run);
      const { vfs, close } = await openStack(images, out);
      let writing = Promise.resolve();
      const show = (record: TraceRecord): void => {
        const line = json ? jsonLine(record) : `${traceLine(record)}\n`;
        writing = writing.then(() => out.write(line));
        // It is waited for at the end, and fails there.
        writing.catch(() => {});
      };
      const stop = trace(vfs, show, { now: () => out.now() });
      try {
        await runOn(vfs, script, run);
      } finally {
        stop();
        close();
        await writing;
      }
    });
}

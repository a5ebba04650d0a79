/**
 * `visorfs lint`: what ESXi would trip over, before it does.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import {
  fileSource,
  folderDepot,
  folderDevice,
  type LintFinding,
  type LintInput,
  type LintLevel,
  type LintOptions,
  type LintReport,
  type LintRule,
  lint,
  lintRules,
} from '../../node.ts';
import { isAddress, type OpenDevice, openDevice } from '../devices.ts';
import { counted } from '../figures.ts';
import { landingArgument } from '../landing.ts';
import {
  CommandError,
  ExitError,
  jsonLine,
  type LiveTree,
  type Output,
  UsageError,
} from '../output.ts';
import { printable } from '../printable.ts';
import { Progress } from '../progress.ts';
import { sarifLog } from '../sarif.ts';
import { FOUND, orTrouble } from '../trouble.ts';
import { addTrust, signatureOptions, type TrustOptions } from '../trust.ts';

const LEVELS: readonly LintLevel[] = ['error', 'warning', 'note'];

const HELP = `
Of several VIBs it also says which files of one another covers. Levels: an error
will not work, a warning will do something else than was meant, a note is worth
knowing. Exit code 1 where there is an error, or with --strict a warning; 2
where something cannot be looked at.

Examples:
  visorfs lint hostd.vib extra.tgz images/bank
  visorfs lint --sarif *.vib > lint.sarif`;

const ARCHIVES =
  'archives, VIBs, bundles, states; folders, disk images or addresses with banks; depots';

type Rules = Readonly<Record<string, LintRule>>;

interface Options extends TrustOptions {
  readonly strict?: true;
  readonly rules?: true;
  readonly json?: true;
  readonly sarif?: true;
}

/** Adds `lint` to `program`, which is visorfs `version`. */
export function addLint(program: Command, out: Output, version: string): void {
  const command = program
    .command('lint')
    .summary('what ESXi would trip over in archives, VIBs, bundles and banks')
    .description(
      'Looks at archives (tar, vtar, tgz), VIBs, bundles, bank folders and states, and says what ' +
        'ESXi or this engine would trip over: where, why it matters, and how to mend it.',
    )
    .addArgument(landingArgument('[image...]', ARCHIVES))
    .option('--strict', 'warnings count as errors for the exit code')
    .option('--rules', 'list the rules instead')
    .option('--json', 'as a list of objects')
    .option('--sarif', 'as SARIF 2.1.0, for CI');
  addTrust(command)
    .addHelpText('after', HELP)
    .action(async (archives: string[], options: Options) => {
      if (options.json && options.sarif)
        throw new UsageError('--json and --sarif both want stdout');
      const rules: Rules = await lintRules();
      if (options.rules) {
        await out.write(options.json ? jsonLine(ruleRows(rules)) : rulesText(rules));
        return;
      }
      if (archives.length === 0)
        throw new UsageError('nothing to look at; see visorfs lint --help');
      const reports = await orTrouble(() => lookedAt(archives, signatureOptions(options), out));
      if (options.sarif) await out.write(jsonLine(sarifLog(reports, rules, version)));
      else if (options.json) await out.write(jsonLine(reports.map((one) => told(one, rules))));
      else await out.write(reportsText(reports, rules));
      const bad = options.strict ? ['error', 'warning'] : ['error'];
      const isBad = ({ level }: LintFinding): boolean => bad.includes(level);
      if (reports.some(({ findings }) => findings.some(isBad))) throw new ExitError(FOUND);
    });
}

async function looked(
  inputs: readonly LintInput[],
  options: LintOptions,
  out: Output,
): Promise<LintReport[]> {
  const progress = new Progress(out, 'looking at');
  try {
    return await lint(inputs, {
      ...options,
      signal: out.signal,
      onProgress: ({ done, count, what }) => progress.step(done, count, what),
    });
  } finally {
    progress.end();
  }
}

/** Looks at all that lies at `names`, and closes it. Throws CommandError. */
async function lookedAt(
  names: readonly string[],
  options: LintOptions,
  out: Output,
): Promise<LintReport[]> {
  const inputs: LintInput[] = [];
  const devices: OpenDevice[] = [];
  try {
    for (const name of names) inputs.push(...(await inputsAt(name, devices, out)));
    return await looked(inputs, options, out);
  } finally {
    for (const { close } of devices) close();
  }
}

/** The archive at `name` in the open tree. Throws CommandError where there is none. */
function inputInside({ vfs, resolve }: LiveTree, name: string): LintInput {
  const path = resolve(name);
  const isFile = vfs.fs.statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile) throw new CommandError(`there is no archive '${name}'`);
  return { name, archive: vfs.fs.readFileSync(path) };
}

/**
 * What lies at `name`: an archive, or the depot or banks in a folder, on a disk or at an address.
 * What was opened for it is one more of `devices`. Throws CommandError.
 */
async function inputsAt(name: string, devices: OpenDevice[], out: Output): Promise<LintInput[]> {
  if (out.live !== undefined) return [inputInside(out.live, name)];
  const shown = out.nameOf?.(name) ?? name;
  const stats = isAddress(name) ? null : fs.statSync(name, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`there is no archive '${name}'`);
  if (!stats?.isDirectory()) {
    const opened = await openDevice(name, out);
    if (opened === null) return [{ name: shown, archive: name }];
    devices.push(opened);
    const banks = await opened.device.banks();
    if (stats === null) return banks.map((bank) => ({ name: shown, bank }));
    return banks.map((bank) => ({ name: `${shown}:${bank.name}`, bank }));
  }
  const isDepot = fs.existsSync(path.join(name, 'index.xml'));
  if (isDepot) return [{ name, depot: folderDepot(name) }];
  // The device knows of the other bank before there is one.
  const isThere = (bank: { name: string }): boolean => fs.existsSync(path.join(name, bank.name));
  const banks = await folderDevice(name).banks();
  if (banks.length === 0) return [{ name, bank: bareFolder(name) }];
  if (fs.existsSync(path.join(name, 'boot.cfg'))) return [{ name, bank: banks[0]! }];
  return banks.filter(isThere).map((bank) => ({ name: path.join(name, bank.name), bank }));
}

/** A folder that is no bank, looked at as one. */
function bareFolder(folder: string): Extract<LintInput, { bank: unknown }>['bank'] {
  const files = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return {
    name: folder,
    list: async () => files.map(({ name }) => name),
    open: async (file) => fileSource(path.join(folder, file), file),
  };
}

function ruleRows(rules: Rules): Record<string, string>[] {
  return Object.entries(rules).map(([id, rule]) => ({ id, ...rule }));
}

function rulesText(rules: Rules): string {
  const lines = Object.entries(rules).map(
    ([id, { level, why, mend }]) => `${id} (${level})\n  why   ${why}\n  mend  ${mend}\n`,
  );
  return lines.join('\n');
}

/** A report as JSON shows it: each finding with why and mend. */
function told({ findings, ...report }: LintReport, rules: Rules): Record<string, unknown> {
  const whole = findings.map((finding) => {
    const { why, mend } = rules[finding.rule]!;
    return { ...finding, why, mend };
  });
  return { ...report, findings: whole };
}

function reportsText(reports: readonly LintReport[], rules: Rules): string {
  const found = reports.filter(({ findings }) => findings.length > 0);
  const groups = found.map((report) => `${reportText(report, rules)}\n`);
  const findings = reports.flatMap((report) => report.findings);
  const counts = LEVELS.map((level) => {
    return counted(findings.filter((one) => one.level === level).length, level);
  });
  const looked = counted(reports.length, 'subject');
  return `${groups.join('')}${looked}: ${counts.join(', ')}\n`;
}

/** The findings of one archive by their rules, the worst first. */
function reportText({ archive, kind, findings }: LintReport, rules: Rules): string {
  const byRule = new Map<string, LintFinding[]>();
  for (const finding of findings) {
    const known = byRule.get(finding.rule);
    if (known === undefined) byRule.set(finding.rule, [finding]);
    else known.push(finding);
  }
  const level = (id: string): number => LEVELS.indexOf(rules[id]!.level);
  const ids = [...byRule.keys()].sort((one, other) => level(one) - level(other));
  const groups = ids.map((id) => {
    const { level: shown, why, mend } = rules[id]!;
    const lines = byRule.get(id)!.map(findingLine);
    return `  ${shown} ${id}\n${lines.join('')}    why   ${why}\n    mend  ${mend}\n`;
  });
  return `${printable(archive)} (${kind})\n${groups.join('')}`;
}

function findingLine({ place, offset, what }: LintFinding): string {
  const where = [
    ...(place === null ? [] : [printable(place)]),
    ...(offset === null ? [] : [`at 0x${offset.toString(16)}`]),
  ].join(' ');
  return `    ${where === '' ? '' : `${where}: `}${printable(what)}\n`;
}

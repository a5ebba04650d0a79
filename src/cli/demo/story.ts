/**
 * The story of one host, told by the host: booted, changed, filled up, saved, booted again.
 *
 * Every line is made of what the engine answered, and every claim is checked (`expect`): where one
 * is not so, the story ends there and says which.
 */

import fs from 'node:fs';
import path from 'node:path';
import {
  EsxConf,
  folderDevice,
  Host,
  type RamdiskRow,
  type VisorError,
  type VisorFs,
} from '../../node.ts';
import { stateText } from '../commands/state/list.ts';
import { vdfText } from '../commands/vdf.ts';
import { counted, milliseconds, units } from '../figures.ts';
import { CommandError, type Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { extractIntoMemfs, mountAgain } from './memfs-rival.ts';

const CONF = '/etc/vmware/esx.conf';
const CONF_KEY = '/adv/Misc/HostName';
const HOST_NAME = 'esx-demo';
const MOTD = '/etc/motd';
const MOTD_LINE = 'Written by the demo; it will not survive the reboot.\n';
const LOG_FOLDER = '/var/log';
const LOG = '/var/log/runaway.log';
const LOG_CHUNK_BYTES = 64 << 10;
const ROOT_BYTES = 32 << 20;

/**
 * Tells the story of the bank in `folder`, which it changes. Throws CommandError for what did not
 * happen.
 */
export async function tellStory(folder: string, out: Output): Promise<void> {
  const host = await boot(folder, out);
  try {
    await out.write(`\n# How full it is (vdf)\n\n${vdfText(host.vfs.vdf(), false)}`);
    await edit(host.vfs, out);
    await runAway(host.vfs, out);
    await save(host, out);
    await bootAgain(host, out);
  } finally {
    for (const tardisk of host.vfs.image.tardisks) tardisk.close();
  }
}

/** Goes on where `isSo`; else the demo has failed, and says at what. */
function expect(isSo: boolean, claim: string): void {
  if (!isSo) throw new CommandError(`the demo failed: it is not so that ${claim}`);
}

async function boot(folder: string, out: Output): Promise<Host> {
  const progress = new Progress(out, 'booting');
  const start = out.now();
  const host = await Host.boot(folderDevice(folder), {
    onProgress: ({ module, done, count }) => progress.step(done, count, module),
  });
  const bootMs = out.now() - start;
  progress.end();
  const { tardisks } = host.vfs.vdf();
  const files = tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
  const bytes = tardisks.reduce((sum, tardisk) => sum + tardisk.usedBytes, 0);
  const names = tardisks.map(({ name }) => name);
  expect(tardisks.length > 0 && files > 0, 'the bank has tardisks with files in them');
  await out.write(
    [
      `# Boot (build ${host.build})\n\n`,
      `mounted      ${counted(tardisks.length, 'tardisk')}: ${names.join(', ')}\n`,
      `in place     ${counted(files, 'file')}, ${bytes} bytes, left where the archives have them\n`,
      `boot         ${milliseconds(bootMs)}: gunzip, headers, state on top\n`,
    ].join(''),
  );
  const isBank = fs.existsSync(path.join(folder, 'boot.cfg'));
  await compare(isBank ? folder : path.join(folder, host.bank), names, out);
  return host;
}

/** Mounting once more, and extracting: both when the code has run before, as only that is fair. */
async function compare(folder: string, names: readonly string[], out: Output): Promise<void> {
  const now = (): number => out.now();
  const ours = await mountAgain(folder, names, now);
  const rival = await extractIntoMemfs(folder, names, now);
  await out.write(`mount again  ${milliseconds(ours)}: the same archives, gunzip and headers\n`);
  if (rival === null) {
    await out.write('memfs        not installed here, so there is nothing to compare with\n');
    return;
  }
  const ratio = (rival / ours).toFixed(1);
  const took = milliseconds(rival);
  await out.write(
    `memfs        ${took}: the same, and every file copied out; ${ratio} times as long\n`,
  );
}

async function edit(vfs: VisorFs, out: Output): Promise<void> {
  const { fs } = vfs;
  const conf = EsxConf.parse(fs.readFileSync(CONF));
  const older = conf.read(CONF_KEY);
  expect(older !== HOST_NAME, `${CONF_KEY} is not ${HOST_NAME} yet`);
  conf.write(CONF_KEY, HOST_NAME);
  fs.writeFileSync(CONF, conf.encode());
  expect(nameIn(vfs) === HOST_NAME, `${CONF_KEY} can be set`);
  expect((fs.statSync(CONF).mode & 0o1000) !== 0, `${CONF} is sticky`);
  fs.appendFileSync(MOTD, MOTD_LINE);
  expect(hasMotdLine(vfs), `${MOTD} can be written`);
  expect((fs.statSync(MOTD).mode & 0o1000) === 0, `${MOTD} is not sticky`);
  await out.write(
    [
      '\n# Two edits, both to files of an archive\n\n',
      `sticky       ${CONF}: ${CONF_KEY} = "${older ?? ''}" is now "${HOST_NAME}"\n`,
      `not sticky   ${MOTD}: one line more\n`,
    ].join(''),
  );
}

/** A log that nobody rotates. */
async function runAway(vfs: VisorFs, out: Output): Promise<void> {
  const { fs } = vfs;
  fs.mkdirSync(LOG_FOLDER, { recursive: true });
  const before = rootOf(vfs);
  const events: string[] = [];
  const stops = (['high', 'full'] as const).map((event) =>
    vfs.ramdisks.on(event, ({ ramdisk, used, max }) => {
      const share = Math.floor((used * 100) / max);
      events.push(`'${event}' for the ramdisk ${ramdisk} at ${share} %`);
    }),
  );
  const line = `${'x'.repeat(LOG_CHUNK_BYTES - 1)}\n`;
  const start = out.now();
  const error = fill(vfs, line);
  const fillMs = out.now() - start;
  // Listeners hear of it after the verb, never within it.
  await Promise.resolve();
  for (const stop of stops) stop();
  const full = rootOf(vfs);
  const { size } = fs.statSync(LOG);
  expect(error.code === 'ENOSPC', 'a full ramdisk refuses with ENOSPC');
  expect(error.full?.ramdisk === 'root', 'the error names the ramdisk');
  expect(error.full?.max === ROOT_BYTES, 'the error names its limit of 32 MiB');
  expect(size % LOG_CHUNK_BYTES === 0, 'no part of the refused line was written');
  await out.write(
    [
      '\n# A runaway log\n\n',
      `${LOG} grew to ${units(size)} in ${milliseconds(fillMs)}, then:\n`,
      `${error.message}\n\n`,
      events.map((event) => `event        ${event}\n`).join(''),
      answers(vfs),
    ].join(''),
  );
  fs.unlinkSync(LOG);
  const after = rootOf(vfs);
  expect(after.usedBytes === before.usedBytes, 'a deleted log gives all its space back');
  await out.write(`\nThe ramdisk root before, full, and with the log deleted:\n\n`);
  await out.write(rows(vfs, before, full, after));
}

/** Appends `line` until the ramdisk is full; returns the refusal. */
function fill(vfs: VisorFs, line: string): VisorError {
  for (let count = 0; count * line.length <= 2 * ROOT_BYTES; count++) {
    try {
      vfs.fs.appendFileSync(LOG, line);
    } catch (error) {
      return error as VisorError;
    }
  }
  throw new CommandError('the demo failed: a log of 64 MiB did not fill a ramdisk of 32 MiB');
}

/** What the host still does while its ramdisk is full. */
function answers(vfs: VisorFs): string {
  const { fs } = vfs;
  const conf = fs.readFileSync(CONF);
  const names = fs.readdirSync('/etc');
  const { mode } = fs.statSync(MOTD);
  expect(conf.length > 0 && names.length > 0 && mode !== 0, 'a full host still answers');
  const bytes = counted(conf.length, 'byte');
  const what = `${CONF} reads ${bytes}, /etc lists ${counted(names.length, 'name')}`;
  return `answering    ${what}\n`;
}

/** The lines of vdf for `ramdisks`, under its heading. */
function rows(vfs: VisorFs, ...ramdisks: readonly RamdiskRow[]): string {
  const { tardisks } = vfs.vdf();
  return vdfText({ tardisks, ramdisks }, false).split('-----\n')[1]!;
}

function rootOf(vfs: VisorFs): RamdiskRow {
  return vfs.vdf().ramdisks.find(({ name }) => name === 'root')!;
}

async function save(host: Host, out: Output): Promise<void> {
  const state = host.vfs.state();
  const saves = (path: string): boolean => state.some((file) => file.path === path);
  expect(saves(CONF), `the next backup saves ${CONF}`);
  expect(!saves(MOTD), `the next backup does not save ${MOTD}`);
  const storedBytes = await host.rebuild();
  expect(storedBytes > 0, 'the bank has a state.tgz');
  await out.write(
    [
      '\n# Backup: what is sticky and changed, and nothing else\n\n',
      stateText(state),
      `\nstate.tgz    ${counted(storedBytes, 'byte')}, in the bank\n`,
    ].join(''),
  );
}

async function bootAgain(host: Host, out: Output): Promise<void> {
  const start = out.now();
  await host.reboot();
  const bootMs = out.now() - start;
  const { vfs } = host;
  const name = nameIn(vfs);
  expect(name === HOST_NAME, `${CONF_KEY} is still ${HOST_NAME} after the reboot`);
  expect(!hasMotdLine(vfs), `the change to ${MOTD} is gone after the reboot`);
  expect(!vfs.fs.existsSync(LOG), `${LOG} is gone after the reboot`);
  await out.write(
    [
      `\n# Reboot (${milliseconds(bootMs)})\n\n`,
      `still there  ${CONF}: ${CONF_KEY} = "${name}"\n`,
      `gone         ${MOTD}: the line is not in it\n`,
    ].join(''),
  );
}

function nameIn(vfs: VisorFs): string | undefined {
  return EsxConf.parse(vfs.fs.readFileSync(CONF)).read(CONF_KEY);
}

function hasMotdLine(vfs: VisorFs): boolean {
  return vfs.fs.readFileSync(MOTD, 'utf8').includes(MOTD_LINE);
}

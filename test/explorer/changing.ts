/**
 * Attacks what is changed in the page and what goes out of it: edits, gauges, the backup, maps,
 * lint, comparisons and downloads. What is downloaded is judged by tar, sfdisk and mtools, where
 * they are here, and by the engine.
 */

import fs from 'node:fs';
import { expect, test } from 'vitest';
import { blobDevice, Host, memoryDisk, mount } from '../../src/index.ts';
import { tarOf } from '../support/archives.ts';
import { missingOf, tool } from '../support/fat-tools.ts';
import { thrownBy } from '../support/thrown.ts';
import { BANK, BASE, base, top } from './given.ts';
import { readable, type Stage } from './stage.ts';

/** The tests of changing. */
export function changingSuite(on: () => Stage): void {
  const edit = async (at: string, text: string) => {
    const detail = await on().choose(at);
    await detail.locator('textarea').fill(text);
    await detail.getByRole('button', { name: 'Save' }).click();
    return detail;
  };

  test('an edit goes to the ramdisk, moves its gauge, and is in the next backup', async () => {
    const stage = on();
    await stage.pick(base);
    const aside = stage.page.getByRole('complementary');
    const gauge = aside.getByRole('meter', { name: 'ramdisk root' });
    expect(await gauge.getAttribute('aria-valuenow')).toBe('0');
    const detail = await edit('/etc/motd', 'edited\n');
    await expect.poll(() => gauge.getAttribute('aria-valuenow')).toBe('4096');
    const said = (): Promise<string> => detail.innerText();
    await expect.poll(said).toContain('The next backup saves it: it is sticky');
    expect(await stage.treeitem('/etc/motd').locator('.from').innerText()).toBe('root');
    const backup = await stage.view('Backup');
    await backup.getByRole('region', { name: 'State' }).waitFor();
    expect(await backup.locator('td').allInnerTexts()).toEqual([
      ...['/etc/motd', 'sticky, and written to', '7 B', '1644', '/etc/motd', 'modified'],
    ]);
    const state = await stage.download(() =>
      backup.getByRole('button', { name: 'Download state.tgz' }).click(),
    );
    expect(state.name).toBe('state.tgz');
    const file = stage.fileOf(state);
    expect(tool('tar', '-tzf', file)).toEqual({ status: 0, out: 'local.tgz\n' });
    const folder = stage.newFolder();
    expect(tool('tar', '-xzf', file, '-C', folder).status).toBe(0);
    const motd = tool('tar', '-xzOf', `${folder}/local.tgz`, 'etc/motd');
    expect(motd).toEqual({ status: 0, out: 'edited\n' });
    // The same state over the same base, in the page.
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    await stage.page.getByRole('region', { name: 'How to start' }).waitFor();
    await stage.pick(base, state);
    await stage.view('Files');
    const again = await stage.choose('/etc/motd');
    expect(await again.locator('textarea').inputValue()).toBe('edited\n');
  });

  test('an edit is undone before it is saved, and a file that was edited says so', async () => {
    const stage = on();
    await stage.pick(base);
    const detail = await stage.choose('/etc/plain');
    const area = detail.locator('textarea');
    await area.fill('other');
    await detail.getByRole('button', { name: 'Undo' }).click();
    expect(await area.inputValue()).toBe('plain\n');
    expect(await detail.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await edit('/etc/plain', 'saved');
    const why = (): Promise<string> => detail.innerText();
    await expect.poll(why).toContain('It was written over: ramdisk root holds 4,096 bytes of it');
    expect(await why()).toContain('The next backup does not save it: it is not sticky; ');
  });

  test('what was typed and not saved stays, whatever is looked at meanwhile', async () => {
    const stage = on();
    await stage.pick(base);
    const detail = await stage.choose('/etc/plain');
    const area = detail.locator('textarea');
    await area.fill('saved');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => detail.innerText()).toContain('holds 4,096 bytes of it');
    await detail.getByRole('button', { name: 'Hex' }).click();
    await detail.getByText('bytes 0 to 5 of 5').waitFor();
    await detail.getByRole('button', { name: 'Text' }).click();
    expect(await area.inputValue()).toBe('saved');

    await area.fill('typed');
    await detail.getByRole('button', { name: 'Hex' }).click();
    await detail.getByRole('button', { name: 'Text' }).click();
    expect(await area.inputValue()).toBe('typed');
    await stage.choose('/etc/motd');
    await stage.pick(top);
    await stage.choose('/etc/plain');
    expect(await area.inputValue()).toBe('typed');
    const asks = (): Promise<boolean> =>
      stage.page.evaluate(() => {
        const leaving = new Event('beforeunload', { cancelable: true });
        return !window.dispatchEvent(leaving);
      });
    expect(await asks()).toBe(true);
    await detail.getByRole('button', { name: 'Undo' }).click();
    expect(await area.inputValue()).toBe('saved');
    expect(await asks()).toBe(true);
    stage.confirmations.push(false);
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    expect(await area.inputValue()).toBe('saved');
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    await stage.page.getByRole('region', { name: 'How to start' }).waitFor();
    expect(await asks()).toBe(false);
  });

  test('the ends of lines stay as they are, and where they differ nothing is edited', async () => {
    const stage = on();
    const bytes = tarOf([
      { path: 'dos.txt', content: 'one\r\ntwo\r\n' },
      { path: 'both.txt', content: 'one\r\ntwo\n' },
    ]);
    await stage.pick({ name: 'ends.tar', bytes });
    const detail = await edit('/dos.txt', 'one\ntwo\nthree\n');
    await expect.poll(() => detail.innerText()).toContain('It was written over');
    const { bytes: saved } = await stage.download(() =>
      detail.getByRole('button', { name: 'Download' }).click(),
    );
    expect(Buffer.from(saved).toString()).toBe('one\r\ntwo\r\nthree\r\n');
    await stage.choose('/both.txt');
    await detail.getByText('Its lines end in more than one way').waitFor();
    expect(await detail.locator('textarea').count()).toBe(0);
  });

  test('a full ramdisk refuses an edit in words of the engine, the text stays', async () => {
    const stage = on();
    await stage.pick(base);
    const space = await stage.view('Space');
    await space.getByLabel('limit of root in MiB').fill('0.015625');
    await space.getByRole('button', { name: 'Set limit' }).press('Enter');
    await expect.poll(() => space.locator('.gauge .figure').innerText()).toBe('0 B of 16 KiB');
    const setting = space.getByRole('button', { name: 'Set limit' });
    expect(await setting.evaluate((element) => element === document.activeElement)).toBe(true);
    await stage.view('Files');
    const typed = 'x'.repeat(20_000);
    const detail = await edit('/etc/motd', typed);
    const judge = await mount(BASE);
    judge.ramdisks.resize('root', { size: 16384 });
    const { message } = thrownBy(() => judge.fs.writeFileSync('/etc/motd', typed)) as Error;
    await expect.poll(() => stage.refusals()).toEqual([message]);
    expect(message).toContain("(the ramdisk 'root' is full: ");
    expect(await stage.page.locator('.alert').getAttribute('data-code')).toBe('ENOSPC');
    expect(await detail.locator('textarea').inputValue()).toBe(typed);
    await edit('/etc/motd', 'short');
    await expect.poll(() => stage.refusals()).toEqual([]);
    await stage.view('Space');
    for (const [limit, why] of [
      [
        '0.001',
        'The limit of root stays: root holds 4096 bytes, and a limit is no less than that.',
      ],
      ['', 'The limit of root stays: it takes a number of MiB.'],
    ] as const) {
      await space.getByLabel('limit of root in MiB').fill(limit);
      await setting.press('Enter');
      await expect.poll(() => stage.refusals()).toContain(why);
    }
  });

  test('the map of areas shows who takes what, and goes into a directory', async () => {
    const stage = on();
    await stage.pick(base);
    const space = await stage.view('Space');
    const map = space.getByRole('group', { name: 'what / takes' });
    // By the keyboard: in the middle of it lies what it holds.
    await map.getByRole('button', { name: 'bin, 4.9 KiB, base.tar' }).press('Enter');
    await space.getByRole('group', { name: 'what /bin takes' }).waitFor();
    const step = space.getByRole('button', { name: 'bin', exact: true });
    expect(await step.evaluate((element) => element === document.activeElement)).toBe(true);
    await space.getByRole('button', { name: 'tool, 4.9 KiB, base.tar' }).click();
    await stage.detail('/bin/tool');
  });

  test('lint says what ESXi would trip over, and how to mend it', async () => {
    const stage = on();
    await stage.pick({ name: 'names.tar', bytes: tarOf([{ path: 'a', mode: 0o4755 }]) }, base);
    const lint = await stage.view('Lint');
    await lint.getByRole('list', { name: 'Findings' }).waitFor();
    const findings = await lint.locator('.finding').allInnerTexts();
    const setuid = findings.find((text) => text.includes('setuid'));
    expect(setuid).toMatch(/^warning its mode is 04755\.\n+names\.tar · a · byte 0 · setuid\n/);
    expect(setuid).toContain('How to mend it: clear the bits: chmod ug-s.');
  });

  test('two images are compared path by path, the older from a file or an address', async () => {
    const stage = on();
    await stage.pick(base, top);
    const compare = await stage.view('Compare');
    const shown = async (): Promise<string[][]> => {
      await compare.getByRole('region', { name: 'Differences' }).waitFor();
      const rows = await compare.locator('tbody tr').allInnerTexts();
      return rows.map((row) => row.split('\t'));
    };
    const older = stage.fileOf({ name: 'older.tar', bytes: BASE });
    await compare.locator('input[type=file]').first().setInputFiles(older);
    expect(await shown()).toEqual([
      ['/etc/motd', 'changed', 'content'],
      ['/opt', 'added', 'directory, top.tgz'],
      ['/opt/new', 'added', '3 B, top.tgz'],
    ]);
    stage.answers.set('/far.tgz', readable(top.bytes));
    await compare.getByLabel('Address of the older image').fill(`${stage.elsewhere}/far.tgz`);
    await compare.getByRole('button', { name: 'Fetch' }).click();
    await compare.getByText('differences from far.tgz:').waitFor();
    expect((await shown())[0]).toEqual(['/bin', 'added', 'directory, base.tar']);
    await compare.getByRole('button', { name: '/etc/plain' }).click();
    await stage.detail('/etc/plain');
  });

  test('a file is downloaded as it is in the tree', async () => {
    const stage = on();
    await stage.pick(base);
    const detail = await stage.choose('/bin/tool');
    const file = await stage.download(() =>
      detail.getByRole('button', { name: 'Download' }).click(),
    );
    expect(file.name).toBe('tool');
    const judge = tool(
      'tar',
      '-xf',
      stage.fileOf(base),
      '-C',
      '/',
      '--to-command=cksum',
      'bin/tool',
    );
    fs.writeFileSync(`${stage.newFolder()}/tool`, file.bytes);
    const [sum] = tool('cksum', stage.fileOf(file)).out.split(' /');
    expect(judge.out.trim()).toBe(sum);
  });

  test('a bank boots, and goes out as a disk image that tools read and that boots', async () => {
    const stage = on();
    await stage.pickFolder(BANK);
    expect(await stage.said()).toBe('bank is open: 68 files');
    const meters = stage.page.getByRole('complementary').getByRole('meter');
    expect(await meters.count()).toBe(7);
    const backup = await stage.view('Backup');
    await backup.getByRole('button', { name: '/etc/vmware/esx.conf' }).first().waitFor();
    const disk = await stage.download(() =>
      backup.getByRole('button', { name: 'Download a disk image' }).click(),
    );
    expect(disk.name).toBe('boot.img');
    const host = await Host.boot(await blobDevice(memoryDisk(disk.bytes)));
    expect(host.vfs.state().length).toBeGreaterThan(0);
    const file = stage.fileOf(disk);
    if (missingOf(['sfdisk', 'mcopy']).length === 0) judgeDisk(file, stage.newFolder());
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    await stage.pick(file);
    expect(await stage.said()).toBe('boot.img is open: 68 files');
    await stage.pickFolder(BANK);
    expect((await stage.refusals())[0]).toMatch(
      /^'bank' is a bank, which boots into an empty tree/,
    );
  });
}

/** Whether sfdisk finds a bank in the disk image `file`, and mcopy a module in that. */
function judgeDisk(file: string, folder: string): void {
  expect(tool('sfdisk', '--verify', file)).toMatchObject({ status: 0 });
  const { partitiontable } = JSON.parse(tool('sfdisk', '--json', file).out) as {
    partitiontable: { partitions: { node: string; start: number }[] };
  };
  const bank = partitiontable.partitions.find(({ node }) => node.endsWith('5'))!;
  const out = `${folder}/sb.v00`;
  const copied = tool('mcopy', '-n', '-i', `${file}@@${bank.start * 512}`, '::sb.v00', out);
  expect(copied).toEqual({ status: 0, out: '' });
  expect(Buffer.compare(fs.readFileSync(out), fs.readFileSync(`${BANK}/sb.v00`))).toBe(0);
}

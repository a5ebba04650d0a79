/**
 * Attacks how something is opened: each kind by drop and by address, several at once, by paste, and
 * what is encrypted.
 */

import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { folderDevice, Host, rekeyState } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { storedXz, storedZstd } from '../support/packed.ts';
import { BANK, BASE, base, encryptedState, KEY, type Kind, kinds, top } from './given.ts';
import { readable, type Stage } from './stage.ts';

const KINDS = ['a VIB', 'a bundle', 'a .tgz', 'a state.tgz', 'a disk image', 'a bank'];

/** The tests of opening. */
export function openingSuite(on: () => Stage): void {
  let all: readonly Kind[];
  beforeAll(async () => {
    all = await kinds();
  });
  const kindOf = (kind: string): Kind => all.find((one) => one.kind === kind)!;

  test.each(KINDS)('%s that is dropped is opened', async (kind) => {
    const stage = on();
    const { given, over, shows, said } = kindOf(kind);
    if (over.length > 0) await stage.pick(...over);
    await stage.drop(given);
    await (await stage.item(shows)).waitFor();
    await expect.poll(() => stage.said()).toBe(said);
    expect(await stage.refusals()).toEqual([]);
    expect(stage.sent).toEqual([]);
  });

  test.each(KINDS)('%s behind an address is fetched and opened', async (kind) => {
    const stage = on();
    const { given, over, shows, said } = kindOf(kind);
    if (over.length > 0) await stage.pick(...over);
    const isFolder = typeof given === 'string';
    const name = isFolder ? 'bank/' : given.name;
    const files = isFolder ? fs.readdirSync(given) : [name];
    for (const file of files) {
      const bytes = isFolder ? fs.readFileSync(`${given}/${file}`) : given.bytes;
      stage.answers.set(isFolder ? `/bank/${file}` : `/${file}`, readable(bytes));
    }
    await stage.fetch(`${stage.elsewhere}/${name}`);
    await (await stage.item(shows)).waitFor();
    await expect
      .poll(() => stage.said())
      .toBe(isFolder ? `${stage.elsewhere}/bank is open: 68 files` : said);
    expect(await stage.refusals()).toEqual([]);
    const hosts = new Set(stage.sent.map(({ url }) => new URL(url).origin));
    expect([...hosts].sort()).toEqual([stage.origin, stage.elsewhere].sort());
    // What was fetched lies here now.
    stage.sent.length = 0;
    await stage.view('Lint');
    await stage.settled();
    expect(stage.sent).toEqual([]);
  });

  test('archives of every kind stack up as layers of one tree', async () => {
    const stage = on();
    const [vib, bundle] = [kindOf('a VIB').given, kindOf('a bundle').given];
    await stage.pick(
      ...[base, top, vib, bundle],
      { name: 'more.tar.xz', bytes: storedXz(tarOf([{ path: 'xz', content: 'xz' }])) },
      { name: 'more.tar.zst', bytes: storedZstd(tarOf([{ path: 'zst', content: 'zst' }])) },
    );
    expect(await stage.refusals()).toEqual([]);
    expect(await stage.layers()).toEqual([
      ...['more.tar.zst', 'more.tar.xz', 'depot.zip', 'agent.vib', 'top.tgz', 'base.tar'],
    ]);
    for (const path of ['/opt/agent/run', '/opt/other/run', '/opt/new', '/xz', '/zst']) {
      await (await stage.item(path)).waitFor();
    }
    const detail = await stage.choose('/etc/motd');
    expect(await detail.locator('textarea').inputValue()).toBe('above\n');
    // What a layer covered shows again when it is closed, in the file that is looked at too.
    await stage.page.getByRole('button', { name: 'Close top.tgz' }).click();
    await expect.poll(() => detail.locator('textarea').inputValue()).toBe('below\n');
    expect(await stage.layers()).toHaveLength(5);
  });

  test('of a folder and a file that are dropped together the folder is opened first', async () => {
    const stage = on();
    await stage.drop({ name: 'extra.tar', bytes: gzipSync(BASE) }, BANK);
    await expect.poll(() => stage.layers()).toEqual(['extra.tar', 'bank']);
    expect(await stage.refusals()).toEqual([]);
  });

  test('an address that is pasted, and a link that is dropped, are fetched', async () => {
    const stage = on();
    for (const name of ['pasted.tar', 'dropped.tar']) stage.answers.set(`/${name}`, readable(BASE));
    await stage.page.evaluate((elsewhere) => {
      const given = (type: string, text: string): DataTransfer => {
        const data = new DataTransfer();
        data.setData(type, text);
        return data;
      };
      const pasted = given('text/plain', `${elsewhere}/pasted.tar`);
      const options = { bubbles: true, cancelable: true };
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { ...options, clipboardData: pasted }),
      );
      const dropped = given('text/uri-list', `${elsewhere}/dropped.tar`);
      document.body.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: dropped }));
    }, stage.elsewhere);
    await expect.poll(() => stage.layers()).toEqual(['dropped.tar', 'pasted.tar']);
  });

  test('an address is fetched from its own host and from no other', async () => {
    const stage = on();
    const cors = { 'Access-Control-Allow-Origin': '*' };
    const other = http.createServer((_request, response) => {
      response.writeHead(200, cors).end(BASE);
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    try {
      const Location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/a.tar`;
      stage.answers.set('/closed.tar', (to) => to.writeHead(200).end(BASE));
      stage.answers.set('/away.tar', (to) => to.writeHead(302, { ...cors, Location }).end());
      for (const name of ['closed.tar', 'away.tar', 'missing.tar']) {
        await stage.fetch(`${stage.elsewhere}/${name}`);
        await expect
          .poll(() => stage.refusals())
          .toEqual([expect.stringContaining(`${stage.elsewhere}/${name} could not be fetched: `)]);
      }
    } finally {
      other.close();
    }
    await stage.fetch('ftp://host/a.tar');
    await expect
      .poll(() => stage.refusals())
      .toEqual(["'ftp://host/a.tar' is no address: it starts with https:// or http://"]);
  });

  test('an encrypted state asks for its key until that is right', async () => {
    const stage = on();
    await stage.hand(base, await encryptedState());
    const dialog = stage.page.getByRole('dialog', { name: 'The state of state.tgz is encrypted' });
    const key = dialog.getByLabel('Key');
    expect(await key.getAttribute('type')).toBe('password');
    await key.fill('wrong');
    await key.press('Enter');
    await expect
      .poll(() => dialog.getByRole('alert').innerText())
      .toBe('That is not the key that it was encrypted with, or the file was changed since.');
    await dialog.getByLabel('Key').fill(KEY);
    await dialog.getByRole('button', { name: 'Open' }).click();
    await stage.settled();
    expect(await stage.said()).toBe('state.tgz is restored');
    const detail = await stage.choose('/etc/motd');
    expect(await detail.locator('textarea').inputValue()).toBe('secret\n');
  });

  test('whoever has no key is told what was not opened, and the page goes on', async () => {
    const stage = on();
    await stage.hand(base, await encryptedState(), top);
    await stage.page.getByRole('dialog').waitFor();
    await stage.page.keyboard.press('Escape');
    await stage.settled();
    expect(await stage.refusals()).toEqual([
      "'state.tgz' was not opened: its state is encrypted, and no key was given.",
    ]);
    expect(await stage.layers()).toEqual(['top.tgz', 'base.tar']);
  });

  test('an encrypted bank boots with its key, and what goes out is encrypted with it', async () => {
    const stage = on();
    const folder = stage.newFolder();
    fs.cpSync(BANK, `${folder}/bootbank`, { recursive: true });
    await rekeyState(folderDevice(folder), { newKey: KEY });
    await stage.drop(`${folder}/bootbank`);
    const dialog = stage.page.getByRole('dialog', { name: 'The state of bootbank is encrypted' });
    await dialog.getByLabel('Key').fill(KEY);
    await dialog.getByLabel('Key').press('Enter');
    await stage.settled();
    expect(await stage.refusals()).toEqual([]);
    const backup = await stage.view('Backup');
    await backup.getByText('Both encrypted, with the key that was given.').waitFor();
    const state = await stage.download(() =>
      backup.getByRole('button', { name: 'Download state.tgz' }).click(),
    );
    fs.writeFileSync(`${folder}/bootbank/state.tgz`, state.bytes);
    const device = folderDevice(folder);
    await expect(Host.boot(device)).rejects.toThrow('is encrypted');
    const host = await Host.boot(device, { stateKey: KEY });
    expect(host.vfs.state().length).toBeGreaterThan(0);
  });
}

/**
 * Changes of what is installed, each with the host and both banks before and after: what is done is
 * seen on the running host, after a reboot, and nowhere else; what is refused has changed nothing.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { arMembers } from '../../src/format/ar.ts';
import {
  baseBank,
  type Files,
  idOf,
  NOW_MS,
  offer,
  treeOf,
  vibBytes,
} from '../support/small-host.ts';
import {
  bankOf,
  bootedVibs,
  DONE,
  everything,
  REBOOT,
  refused,
  type Stage,
  stageOf,
} from './stage.ts';

const BASE = idOf('base');

let bank: Files;
beforeAll(async () => {
  bank = await baseBank();
});

const staged = (options: Parameters<typeof stageOf>[1] = {}): Promise<Stage> =>
  stageOf(new Map(bank), options);

async function running({ software }: Stage): Promise<string[]> {
  return (await software.running()).profile.vibs.map(({ descriptor }) => descriptor.id);
}

describe('install', () => {
  test('a live one is on the running host, and on the host that boots next', async () => {
    const stage = await staged();
    const result = await stage.software.install([await offer({ name: 'tool' })]);
    expect(result).toEqual({
      message: DONE,
      rebootRequired: false,
      vibsInstalled: [idOf('tool')],
      vibsRemoved: [],
      vibsSkipped: [],
    });
    const { fs } = stage.host.vfs;
    expect(fs.readFileSync('/opt/tool', 'utf8')).toBe('tool');
    expect(await running(stage)).toEqual([BASE, idOf('tool')]);
    expect(bankOf(stage.one)).toEqual(bankOf(bank));
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool')]);
  });

  test('the tree of the running host is the tree after a reboot', async () => {
    const stage = await staged();
    await stage.software.install([
      await offer({ name: 'over', overlay: true, files: { 'etc/motd': 'over\n', 'opt/a/b': '1' } }),
      await offer({ name: 'tool' }),
    ]);
    const live = treeOf(stage.host.vfs);
    expect(stage.host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('over\n');
    await stage.host.reboot();
    expect(stage.host.bank).toBe('altbootbank');
    // Only that something was made and taken away in it, as the times of a directory say.
    expect(treeOf(stage.host.vfs)).toEqual(live);
  });

  test('the other bank holds what it boots, byte for byte, and one more update', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'tool' })]);
    for (const file of ['b.b00', 'base.t00']) expect(stage.other.get(file)).toEqual(bank.get(file));
    const vib = bytesSource(await vibBytes({ name: 'tool' }), 'tool');
    const member = arMembers(vib).find(({ name }) => name === 'tool')!;
    const payload = vib.resident(member.dataOffset, member.size);
    expect(stage.other.get('tool.t00')).toEqual(payload);
    const cfg = text(stage.other.get('boot.cfg')!);
    expect(cfg).toContain('modules=base.t00 --- tool.t00 --- imgdb.tgz --- state.tgz\n');
    expect(cfg).toContain('bootstate=1\n');
    expect(cfg).toContain('updated=2\n');
    expect([...stage.other.keys()].sort()).toEqual(
      ['b.b00', 'base.t00', 'boot.cfg', 'imgdb.tgz', 'sha256.sum', 'tool.t00'].sort(),
    );
  });

  test('says when it was installed and from where, also after a reboot', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'tool' })]);
    await stage.host.reboot();
    const { profile } = await stage.software.running();
    const time = '2026-11-28T09:30:00.000+00:00';
    expect(profile.vibs[1]).toMatchObject({ installDate: time, origin: 'tool.vib' });
    expect(profile).toMatchObject({ name: '(Updated) Test-1', modificationTime: time });
  });

  test('one that is not live, and one that is told not to be, wait for the reboot', async () => {
    const ways = [
      [{ liveInstallAllowed: false }, {}],
      [{ maintenanceMode: true }, {}],
      [{}, { noLiveInstall: true }],
    ] as const;
    for (const [manifest, options] of ways) {
      const stage = await staged();
      const before = treeOf(stage.host.vfs);
      const offers = [await offer({ name: 'tool', ...manifest })];
      const result = await stage.software.install(offers, options);
      expect(result).toMatchObject({ message: REBOOT, rebootRequired: true });
      expect(treeOf(stage.host.vfs)).toEqual(before);
      expect(await running(stage)).toEqual([BASE]);
      const pending = await stage.software.pending();
      expect(pending!.profile.vibs.map(({ descriptor }) => descriptor.id)).toContain(idOf('tool'));
      expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool')]);
    }
  });

  test('maintenance mode lets VIBs be live that ask for it', async () => {
    const stage = await staged();
    const offers = [await offer({ name: 'tool', maintenanceMode: true })];
    const result = await stage.software.install(offers, { maintenanceMode: true });
    expect(result.message).toBe(DONE);
    expect(stage.host.vfs.has('/opt/tool')).toBe(true);
  });

  test('a second one adds to what the first made pending', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'one', liveInstallAllowed: false })]);
    const result = await stage.software.install([await offer({ name: 'two' })]);
    // What runs is no longer what is booted next, so nothing is live until then.
    expect(result.message).toBe(REBOOT);
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('one'), idOf('two')]);
    await stage.host.reboot();
    const third = await stage.software.install([await offer({ name: 'three' })]);
    expect(third.message).toBe(DONE);
    const all = [BASE, idOf('one'), idOf('three'), idOf('two')];
    expect(await bootedVibs(stage.one, stage.other)).toEqual(all);
  });

  test('the same one is skipped, and an older one takes the place of the newer', async () => {
    const stage = await staged();
    const [old, young] = [
      { name: 'tool', version: '1.9-1' },
      { name: 'tool', version: '1.10-1' },
    ];
    await stage.software.install([await offer(young)]);
    expect(await stage.software.install([await offer(young)])).toEqual({
      message: 'Host is not changed.',
      rebootRequired: false,
      vibsInstalled: [],
      vibsRemoved: [],
      vibsSkipped: [idOf('tool', '1.10-1')],
    });
    expect(await stage.software.install([await offer(old)])).toMatchObject({
      message: DONE,
      vibsInstalled: [idOf('tool', '1.9-1')],
      vibsRemoved: [idOf('tool', '1.10-1')],
    });
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool', '1.9-1')]);
  });

  test('a dry run says what would be, and does nothing of it', async () => {
    const stage = await staged();
    const before = everything(stage);
    const live = await stage.software.install([await offer({ name: 'tool' })], { dryRun: true });
    expect(live).toMatchObject({
      message:
        'Dryrun only, host not changed. The following installers will be applied: ' +
        '[LiveImageInstaller, BootBankInstaller]',
      rebootRequired: false,
      vibsInstalled: [idOf('tool')],
    });
    const options = { dryRun: true, noLiveInstall: true };
    const later = await stage.software.install([await offer({ name: 'tool' })], options);
    expect(later.message).toMatch(/: \[BootBankInstaller\]$/);
    expect(later.rebootRequired).toBe(true);
    expect(everything(stage)).toEqual(before);
  });

  test('several of one name are the newest of them', async () => {
    const stage = await staged();
    const offers = await Promise.all(
      ['1.2-1', '1.10-1', '1.9-1'].map((version) => offer({ name: 'tool', version })),
    );
    const result = await stage.software.install(offers);
    expect(result).toMatchObject({ vibsInstalled: [idOf('tool', '1.10-1')], vibsSkipped: [] });
  });

  test('names pick out of what is offered, and one that picks nothing is refused', async () => {
    const stage = await staged();
    const offers = [await offer({ name: 'one' }), await offer({ name: 'two' })];
    const lines = ["No VIB matching VIB search specification 'three'."];
    await refused(stage, 'NoMatchError', lines, () =>
      stage.software.install(offers, { names: ['one', 'three'] }),
    );
    const result = await stage.software.install(offers, { names: ['test:two:1.0-1'] });
    expect(result.vibsInstalled).toEqual([idOf('two')]);
  });

  test('what a VIB replaces goes with its coming', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'old-tool' })]);
    const replaces = [{ name: 'old-tool' }];
    const result = await stage.software.install([
      await offer({ name: 'tool', relationships: { replaces } }),
    ]);
    expect(result).toMatchObject({
      message: DONE,
      vibsInstalled: [idOf('tool')],
      vibsRemoved: [idOf('old-tool')],
    });
    expect(stage.host.vfs.has('/opt/old-tool')).toBe(false);
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool')]);
    expect(stage.one.has('old_tool.t00')).toBe(false);
  });

  test('below an overlay that is there it waits for the reboot, and is below it then', async () => {
    const stage = await staged();
    const files = { 'opt/shared': 'over' };
    await stage.software.install([await offer({ name: 'over', overlay: true, files })]);
    const under = await offer({ name: 'under', files: { 'opt/shared': 'under', 'opt/own': '1' } });
    const result = await stage.software.install([under]);
    expect(result).toMatchObject({ message: REBOOT, rebootRequired: true });
    await stage.host.reboot();
    expect(stage.host.vfs.fs.readFileSync('/opt/shared', 'utf8')).toBe('over');
    expect(stage.host.vfs.has('/opt/own')).toBe(true);
  });

  test('sticky files that were changed stay changed, and are saved for both banks', async () => {
    const stage = await staged();
    const { host } = stage;
    host.vfs.fs.writeFileSync('/etc/sticky.conf', 'edited\n');
    await stage.software.install([await offer({ name: 'tool' })]);
    expect(host.vfs.fs.readFileSync('/etc/sticky.conf', 'utf8')).toBe('edited\n');
    await host.rebuild();
    expect(stage.other.get('state.tgz')).toEqual(stage.one.get('state.tgz'));
    await host.reboot();
    expect([host.bank, host.vfs.fs.readFileSync('/etc/sticky.conf', 'utf8')]).toEqual([
      'altbootbank',
      'edited\n',
    ]);
  });

  test('changes asked for at once are done in turn', async () => {
    const stage = await staged();
    const names = ['one', 'two', 'three'];
    const offers = await Promise.all(names.map((name) => offer({ name })));
    await Promise.all([
      ...offers.map((one) => stage.software.install([one])),
      stage.host.rebuild(),
    ]);
    expect(await running(stage)).toEqual([BASE, idOf('one'), idOf('three'), idOf('two')]);
    expect(await bootedVibs(stage.one, stage.other)).toEqual(await running(stage));
  });
});

describe('update', () => {
  test('takes what is newer, and skips what is older or not installed', async () => {
    const stage = await staged();
    await stage.software.install([
      await offer({ name: 'old', version: '2.0-1' }),
      await offer({ name: 'young', version: '2.0-1' }),
    ]);
    const result = await stage.software.update([
      await offer({ name: 'old', version: '3.0-1', files: { 'opt/newer': '1' } }),
      await offer({ name: 'young', version: '1.0-1' }),
      await offer({ name: 'stranger' }),
    ]);
    expect(result).toEqual({
      message: DONE,
      rebootRequired: false,
      vibsInstalled: [idOf('old', '3.0-1')],
      vibsRemoved: [idOf('old', '2.0-1')],
      vibsSkipped: [idOf('stranger'), idOf('young')].sort(),
    });
    expect(stage.host.vfs.has('/opt/newer')).toBe(true);
    expect(stage.host.vfs.has('/opt/old')).toBe(false);
    const all = [BASE, idOf('old', '3.0-1'), idOf('young', '2.0-1')];
    expect(await bootedVibs(stage.one, stage.other)).toEqual(all);
  });

  test('of a VIB that may not go while the host runs waits for the reboot', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'tool', liveRemoveAllowed: false })]);
    const result = await stage.software.update([await offer({ name: 'tool', version: '2.0-1' })]);
    expect(result.message).toBe(REBOOT);
    expect(await running(stage)).toEqual([BASE, idOf('tool')]);
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool', '2.0-1')]);
  });
});

describe('remove', () => {
  test('uncovers what was covered, here and after a reboot', async () => {
    const stage = await staged();
    const files = { 'etc/motd': 'over\n' };
    await stage.software.install([await offer({ name: 'over', overlay: true, files })]);
    const result = await stage.software.remove(['over']);
    expect(result).toEqual({
      message: DONE,
      rebootRequired: false,
      vibsInstalled: [],
      vibsRemoved: [idOf('over')],
      vibsSkipped: [],
    });
    expect(stage.host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe('base\n');
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE]);
    expect(stage.other.has('over.t00')).toBe(false);
  });

  test('while a file of it is open is refused, and the file is named', async () => {
    const stage = await staged();
    const files = { 'opt/tool/log': '1', 'opt/tool/run': '2' };
    await stage.software.install([await offer({ name: 'tool', files })]);
    const { fs } = stage.host.vfs;
    const fd = fs.openSync('/opt/tool/run', 'r');
    const lines = [
      '/tardisks/tool.t00: Device or resource busy; open: /opt/tool/run',
      'Close the files, or use --no-live-install and reboot.',
    ];
    for (const dryRun of [false, true]) {
      await refused(stage, 'LiveInstallationError', lines, () =>
        stage.software.remove(['tool'], { dryRun }),
      );
    }
    const later = await stage.software.remove(['tool'], { noLiveInstall: true, dryRun: true });
    expect(later.rebootRequired).toBe(true);
    fs.closeSync(fd);
    expect((await stage.software.remove(['tool'])).message).toBe(DONE);
  });

  test('leaves no module behind, however the bank lists it', async () => {
    const stage = await staged();
    const cfg = text(bank.get('boot.cfg')!).replace('updated=1', 'updated=0');
    stage.other.set('boot.cfg', utf8(cfg.replace('base.t00', '/old.t00')));
    stage.other.set('old.t00', utf8('a module of once'));
    stage.other.set('notes.txt', utf8('not ours'));
    await stage.software.remove(['base'], { force: true });
    expect([...stage.other.keys()].sort()).toEqual(
      ['b.b00', 'boot.cfg', 'imgdb.tgz', 'notes.txt', 'sha256.sum'].sort(),
    );
  });

  test('of what another needs is refused, and who needs it is named', async () => {
    const stage = await staged();
    const depends = [{ name: 'library', relation: '>=', version: '1.0' }];
    await stage.software.install([
      await offer({ name: 'library' }),
      await offer({ name: 'tool', relationships: { depends } }),
    ]);
    const lines = [
      `VIB ${idOf('tool')} requires library >= 1.0, but the requirement cannot be satisfied ` +
        'within the ImageProfile.',
    ];
    await refused(stage, 'DependencyError', lines, () => stage.software.remove(['library']));
    const forced = await stage.software.remove(['library'], { force: true });
    expect(forced.vibsRemoved).toEqual([idOf('library')]);
    // What was wrong before does not stand in the way of what comes after.
    expect((await stage.software.install([await offer({ name: 'other' })])).message).toBe(DONE);
  });

  test('of what is not there is refused', async () => {
    const stage = await staged();
    const lines = ["No VIB matching VIB search specification 'nothing'."];
    await refused(stage, 'NoMatchError', lines, () => stage.software.remove(['nothing']));
  });
});

test('the clock of the host dates what is installed', async () => {
  const stage = await staged({ clock: () => NOW_MS + 86_400_000 });
  await stage.software.install([await offer({ name: 'tool' })]);
  const { profile } = await stage.software.running();
  expect(profile.vibs[1]!.installDate).toBe('2026-11-29T09:30:00.000+00:00');
});

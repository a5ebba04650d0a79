/**
 * Image profiles of depots against a host; and a bank that has no database, whose modules get their
 * owners back where the VIBs are at hand.
 */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bundleOffers,
  createBundle,
  openBundle,
  type ProfileOffer,
  profileOffer,
  vibOffer,
} from '../../src/index.ts';
import { baseBank, type Files, idOf, offer, vibBytes } from '../support/small-host.ts';
import { bootedVibs, refusal, stageOf } from './stage.ts';

const BASE = idOf('base');

let bank: Files;
beforeAll(async () => {
  bank = await baseBank();
});

/** A depot in which the profile `name` has VIBs of these recipes. */
async function depotOf(name: string, ...recipes: readonly Parameters<typeof vibBytes>[0][]) {
  const vibs = await Promise.all(recipes.map((recipe) => vibBytes(recipe)));
  const manifest = { vendor: 'Depot, Inc.', profiles: [{ name }] };
  const { pieces } = await createBundle(vibs, manifest);
  return openBundle(new Uint8Array(Buffer.concat(pieces)), { name: 'depot.zip' });
}

async function profile(name: string, ...recipes: readonly Parameters<typeof vibBytes>[0][]) {
  return profileOffer([await depotOf(name, ...recipes)], name);
}

describe('a profile of a depot', () => {
  test('updates what is older, adds what is not there, and keeps the rest', async () => {
    const stage = await stageOf(new Map(bank));
    await stage.software.install([
      await offer({ name: 'old' }),
      await offer({ name: 'young', version: '9-1' }),
    ]);
    const offered = await profile(
      'Example-2',
      { name: 'old', version: '2.0-1' },
      { name: 'young', version: '1.0-1' },
      { name: 'new' },
    );
    const result = await stage.software.updateProfile(offered);
    expect(result).toMatchObject({
      vibsInstalled: [idOf('new'), idOf('old', '2.0-1')],
      vibsRemoved: [idOf('old')],
      vibsSkipped: [idOf('young')],
    });
    const { profile: after } = await stage.software.running();
    expect(after).toMatchObject({ name: '(Updated) Example-2', vendor: 'Depot, Inc.' });
    expect(after.vibs.find(({ descriptor }) => descriptor.name === 'new')!.origin).toBe(
      'depot.zip',
    );
    const all = [BASE, idOf('new'), idOf('old', '2.0-1'), idOf('young', '9-1')];
    expect(await bootedVibs(stage.one, stage.other)).toEqual(all);
  });

  test('is installed as it is only where VIBs may go that it does not have', async () => {
    const stage = await stageOf(new Map(bank));
    await stage.software.install([await offer({ name: 'tool', version: '2.0-1' })]);
    const offered = await profile(
      'Example-1',
      { name: 'tool' },
      { name: 'base', version: '0.9-1' },
    );
    const extra = await offer({ name: 'extra' });
    await stage.software.install([extra]);
    const error = await refusal(stage, () => stage.software.installProfile(offered));
    expect(error.kind).toBe('ProfileValidationError');
    expect(error.lines[0]).toBe(
      `The image profile 'Example-1' does not have VIB(s) ${idOf('extra')}, which would be ` +
        'removed.',
    );
    const result = await stage.software.installProfile(offered, { okToRemove: true, force: true });
    expect(result).toMatchObject({
      rebootRequired: true,
      vibsInstalled: [idOf('base', '0.9-1'), idOf('tool')],
      vibsRemoved: [BASE, idOf('extra'), idOf('tool', '2.0-1')],
    });
    await stage.host.reboot();
    expect((await stage.software.running()).profile.name).toBe('Example-1');
    expect(await stage.software.validateProfile(offered)).toMatchObject({ isCompliant: true });
  });

  test('is compared with the host', async () => {
    const stage = await stageOf(new Map(bank));
    const offered = await profile('Example-1', { name: 'tool' });
    expect(await stage.software.validateProfile(offered)).toEqual({
      hostProfile: 'Test-1',
      profile: 'Example-1',
      isCompliant: false,
      onlyOnHost: [BASE],
      onlyInProfile: [idOf('tool')],
    });
  });

  test('of another name is none, and one that lacks a VIB is refused', async () => {
    const depot = await depotOf('Example-1', { name: 'tool' });
    await expect(profileOffer([depot], 'Example-9')).rejects.toMatchObject({
      kind: 'NoMatchError',
      lines: ["No image profile found with name 'Example-9'", '        id = Example-9'],
    });
    const profiles = depot.profiles.map((one) => ({ ...one, vibIds: ['x_bootbank_gone_1-1'] }));
    await expect(profileOffer([{ ...depot, profiles }], 'Example-1')).rejects.toMatchObject({
      kind: 'ProfileValidationError',
      lines: ["VIB x_bootbank_gone_1-1 of the image profile 'Example-1' is missing."],
    });
  });

  test('its VIBs are had only where they are installed', async () => {
    const stage = await stageOf(new Map(bank));
    const depot = await depotOf('Example-1', { name: 'one' }, { name: 'two' });
    const opened: string[] = [];
    const openVib: typeof depot.openVib = (vib) => {
      opened.push(vib.id);
      return depot.openVib(vib);
    };
    const offers = await bundleOffers({ ...depot, openVib });
    await stage.software.install(offers, { names: ['two'] });
    expect(opened).toEqual([idOf('two')]);
  });
});

describe('a bank without a database', () => {
  const sample = (name: string): Uint8Array =>
    new Uint8Array(readFileSync(new URL(`../../images/${name}`, import.meta.url)));

  const sampleBank = (): Files => {
    const cfg = sample('bank/boot.cfg');
    const names = ['b.b00', 'jumpstrt.gz', 'useropts.gz', 'sb.v00', 'state.tgz'];
    const agents = ['hostd.v00', 'vpxa.v00', 'fdm.v00'];
    const files = [...names, ...agents].map((name): [string, Uint8Array] => [
      name,
      sample(`bank/${name}`),
    ]);
    return new Map([['boot.cfg', cfg], ...files]);
  };
  const sampleVib = (name: string) => vibOffer(sample(`vibs/${name}.vib`), `${name}.vib`);

  test('says that nobody knows, and what its modules are called', async () => {
    const { software } = await stageOf(sampleBank());
    const image = await software.running();
    expect(image.isRecorded).toBe(false);
    expect(image.profile.vibs).toEqual([]);
    expect(image.profile.acceptanceLevel).toBe('partner');
    const files = image.strays.map(({ file }) => file);
    expect(files).toEqual(['sb.v00', 'hostd.v00', 'vpxa.v00', 'fdm.v00']);
  });

  test('gives a module its owner where that VIB is installed, and mounts nothing', async () => {
    const stage = await stageOf(sampleBank());
    await stage.software.setAcceptance('community');
    const offers = await Promise.all(['hostd', 'fdm', 'vpxa'].map(sampleVib));
    const mounted = stage.host.vfs.image.tardisks.length;
    const result = await stage.software.install(offers);
    expect(result.vibsInstalled).toHaveLength(3);
    expect(result.rebootRequired).toBe(false);
    expect(stage.host.vfs.image.tardisks).toHaveLength(mounted);
    const image = await stage.software.running();
    expect(image.strays.map(({ file }) => file)).toEqual(['sb.v00']);
    const places = image.profile.vibs.flatMap(({ payloads }) => payloads.map(({ file }) => file));
    expect(places).toEqual(['fdm.v00', 'hostd.v00', 'vpxa.v00']);
    // And it can be removed as any other.
    expect(stage.host.vfs.has('/etc/opt/vmware/fdm/fdm.cfg')).toBe(true);
    await stage.software.remove(['fdm']);
    await stage.host.reboot();
    expect(stage.host.vfs.has('/etc/opt/vmware/fdm/fdm.cfg')).toBe(false);
    expect([...stage.other.keys()]).not.toContain('fdm.v00');
  });

  test('a VIB that claims a file of such a module is refused', async () => {
    const stage = await stageOf(sampleBank());
    await stage.software.setAcceptance('community');
    const mine = await offer({ name: 'mine', files: { 'etc/motd': 'mine\n' } });
    const error = await refusal(stage, () => stage.software.install([mine]));
    expect(error.lines).toEqual([
      `File path of '/etc/motd' is claimed by multiple non-overlay VIBs: sb.v00, ${idOf('mine')}`,
    ]);
    const tools = await stage.software.install([await sampleVib('debug-tools')]);
    expect(tools.rebootRequired).toBe(false);
    expect(stage.host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toContain('Debug tools');
  });

  test('accepts partners and better, as a host does that nobody told otherwise', async () => {
    const stage = await stageOf(sampleBank());
    const error = await refusal(stage, async () =>
      stage.software.install([await sampleVib('debug-tools')]),
    );
    expect(error.kind).toBe('AcceptanceConfigError');
  });

  test('a database that lies is refused, and says where', async () => {
    const files = sampleBank();
    const stage = await stageOf(files);
    await stage.software.setAcceptance('community');
    const depot: ProfileOffer = { name: 'x', vendor: '', vibs: [] };
    const database = files.get('imgdb.tgz')!;
    expect(database.length).toBeLessThan(1000);
    // The base image has no database in it, but is a tar as one is.
    files.set('imgdb.tgz', files.get('hostd.v00')!);
    await stage.host.reboot();
    await expect(stage.software.validateProfile(depot)).rejects.toThrow(
      'imgdb.tgz at 0x0: has 0 image profiles',
    );
    await expect(stage.software.install([await offer({ name: 'tool' })])).rejects.toMatchObject({
      kind: 'InstallationError',
    });
  });
});

/**
 * Changes that are refused: VIBs that do not go together, do not hold what they say, or are of
 * nobody who is trusted; hosts without room. Each time the running host and both banks are what
 * they were.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { arMembers } from '../../src/format/ar.ts';
import { vibOffer } from '../../src/index.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { baseBank, type Files, idOf, offer, vibBytes } from '../support/small-host.ts';
import { bootedVibs, DONE, REBOOT, refusal, refused, type Stage, stageOf } from './stage.ts';

const BASE = idOf('base');

let bank: Files;
beforeAll(async () => {
  bank = await baseBank();
});

const staged = (options: Parameters<typeof stageOf>[1] = {}): Promise<Stage> =>
  stageOf(new Map(bank), options);

describe('what does not go together is refused, unless forced', () => {
  const KINDS: readonly (readonly [
    what: string,
    recipe: Parameters<typeof offer>[0],
    lines: readonly string[],
  ])[] = [
    [
      'a dependency that is missing',
      {
        name: 'tool',
        relationships: { depends: [{ name: 'base-api', relation: '>>', version: '2.0' }] },
      },
      [
        `VIB ${idOf('tool')} requires base-api >> 2.0, but the requirement cannot be satisfied ` +
          'within the ImageProfile.',
      ],
    ],
    [
      'a relation that is none',
      {
        name: 'tool',
        relationships: { depends: [{ name: 'base-api', relation: '~', version: '2.0' }] },
      },
      [
        `VIB ${idOf('tool')} requires base-api ~ 2.0, but the requirement cannot be satisfied ` +
          'within the ImageProfile.',
      ],
    ],
    [
      'a conflict',
      { name: 'tool', relationships: { conflicts: [{ name: 'base-api' }] } },
      [`VIB ${idOf('tool')} conflicts with VIB ${BASE}: base-api.`],
    ],
    [
      'a file of another VIB',
      { name: 'tool', files: { 'etc/motd': 'mine\n' } },
      [
        `File path of '/etc/motd' is claimed by multiple non-overlay VIBs: ${BASE}, ` +
          idOf('tool'),
      ],
    ],
  ];

  test.each(KINDS)('%s', async (_what, recipe, lines) => {
    const stage = await staged();
    const offers = [await offer(recipe)];
    await refused(stage, 'DependencyError', lines, () => stage.software.install(offers));
    await refused(stage, 'DependencyError', lines, () =>
      stage.software.install(offers, { dryRun: true }),
    );
    const forced = await stage.software.install(offers, { force: true });
    expect(forced.vibsInstalled).toEqual([idOf('tool')]);
    expect(await bootedVibs(stage.one, stage.other)).toEqual([BASE, idOf('tool')]);
  });

  test('a level below that of the host', async () => {
    const stage = await staged();
    await stage.software.remove(['base'], { force: true });
    await stage.host.reboot();
    await stage.software.setAcceptance('partner');
    const lines = [
      `VIB ${idOf('tool')}'s acceptance level is community, which is not compliant with the ` +
        'ImageProfile acceptance level partner',
      "To change the host acceptance level, use the 'visorfs host software acceptance set' " +
        'command.',
    ];
    const offers = [await offer({ name: 'tool' })];
    await refused(stage, 'AcceptanceConfigError', lines, () => stage.software.install(offers));
    const forced = await stage.software.install(offers, { force: true });
    expect(forced.vibsInstalled).toEqual([idOf('tool')]);
  });

  test('what a VIB of the same offer could mend is named', async () => {
    const stage = await staged();
    const depends = [{ name: 'library' }];
    await stage.software.install([await offer({ name: 'tool', version: '0.5-1' })]);
    const offers = [
      await offer({ name: 'tool', relationships: { depends } }),
      await offer({ name: 'library' }),
    ];
    const error = await refusal(stage, () => stage.software.update(offers));
    expect(error.lines[0]).toContain(
      `However, additional VIB(s) ${idOf('library')} can satisfy this requirement.`,
    );
    expect((await stage.software.install(offers)).vibsInstalled).toHaveLength(2);
  });
});

describe('a VIB that does not hold what it says is refused, forced or not', () => {
  test('a byte of its payload is another', async () => {
    const stage = await staged();
    const bytes = await vibBytes({ name: 'tool' });
    const payload = arMembers(bytesSource(bytes, '')).find(({ name }) => name === 'tool')!;
    bytes[payload.dataOffset + payload.size - 12]! ^= 1;
    for (const force of [false, true]) {
      const offers = [await vibOffer(bytes.slice(), 'tool.vib')];
      const error = await refusal(stage, () => stage.software.install(offers, { force }));
      expect(error.kind).toBe('VibValidationError');
      expect(error.message).toMatch(/sha-256|checksum|gzip/);
    }
  });

  test('it is another VIB than the depot says', async () => {
    const stage = await staged();
    const [one, two] = [await offer({ name: 'one' }), await offer({ name: 'two' })];
    const lying = { ...one, open: two.open };
    const lines = [`one.vib is VIB ${idOf('two')}, not ${idOf('one')}.`];
    await refused(stage, 'VibValidationError', lines, () => stage.software.install([lying]));
  });

  test('it cannot be had', async () => {
    const stage = await staged();
    const one = await offer({ name: 'one' });
    const gone = { ...one, open: () => Promise.reject(new Error('the server says 503')) };
    const lines = [`${idOf('one')} from one.vib: the server says 503`];
    await refused(stage, 'VibDownloadError', lines, () => stage.software.install([gone]));
  });

  describe.skipIf(!hasOpenssl())('signed by', () => {
    const ca = new Authority();
    beforeAll(() => {
      ca.root('root');
      ca.root('stranger');
      ca.key('signer');
      ca.issue('signer', 'root');
    });
    const named = (name: string) => ({ name, bytes: ca.bytes(name) });
    const signed = () =>
      offer(
        { name: 'tool', acceptanceLevel: 'partner' },
        { key: named('signer.key'), certificates: named('signer.pem') },
      );
    // A certificate is good from when it was made on, whatever day it is.
    const now = () => staged({ clock: () => Date.now() + 3_600_000 });

    test('someone whom a trusted root vouches for: it is installed', async () => {
      const stage = await now();
      const result = await stage.software.install([await signed()], { trust: [named('root.pem')] });
      expect(result.message).toBe(DONE);
    });

    test('someone else: it is refused, unless signatures are left alone', async () => {
      const stage = await now();
      for (const trust of [[], [named('stranger.pem')]]) {
        const error = await refusal(stage, async () =>
          stage.software.install([await signed()], { trust }),
        );
        expect(error.kind).toBe('InstallationError');
        expect(error.lines[0]).toBe(`('${idOf('tool')}', 'Could not find a trusted signer.')`);
        expect(error.lines.at(-1)).toBe(`      vibs = ${idOf('tool')}`);
      }
      const result = await stage.software.install([await signed()], { noSigCheck: true });
      expect(result.message).toBe(DONE);
    });

    test('someone, over another descriptor: it is refused', async () => {
      const stage = await now();
      const { open, ...rest } = await signed();
      const vib = await open();
      const descriptorBytes = vib.descriptorBytes.slice();
      descriptorBytes[descriptorBytes.length - 1] = 0x20;
      const lying = { ...rest, open: async () => ({ ...vib, descriptorBytes }) };
      const error = await refusal(stage, () =>
        stage.software.install([lying], { trust: [named('root.pem')] }),
      );
      expect(error.kind).toBe('InstallationError');
    });
  });
});

describe('a running host that has no room says so before anything is touched', () => {
  test('memory: with the figures', async () => {
    const stage = await staged({ memory: 64 << 10 });
    const files = { 'opt/large': 'x'.repeat(100_000) };
    const error = await refusal(stage, async () =>
      stage.software.install([await offer({ name: 'large', files })]),
    );
    expect(error.kind).toBe('LiveInstallationError');
    expect(error.lines[0]).toMatch(
      /^The host is overcommitted: staging takes 1\d+ bytes of memory, and \d+ of 65536 /,
    );
    const later = await stage.software.install([await offer({ name: 'large', files })], {
      noLiveInstall: true,
    });
    expect(later.message).toBe(REBOOT);
  });

  test('a ramdisk: with its name', async () => {
    const stage = await staged({ ramdisks: [{ name: 'root', path: '/', size: '8k', inodes: 3 }] });
    const error = await refusal(stage, async () =>
      stage.software.install([await offer({ name: 'tool' })]),
    );
    expect(error.kind).toBe('LiveInstallationError');
    expect(error.lines[0]).toContain("the ramdisk 'root' is full");
  });

  test('a stage that somebody is using', async () => {
    const stage = await staged();
    const { vfs } = stage.host;
    vfs.fs.mkdirSync('/somewhere');
    vfs.ramdisks.add({ name: 'stageliveimage', path: '/somewhere' });
    const error = await refusal(stage, async () =>
      stage.software.install([await offer({ name: 'tool' })]),
    );
    expect(error.kind).toBe('LiveInstallationError');
    expect(error.lines[0]).toContain('EEXIST');
  });
});

describe('the acceptance level', () => {
  test('is not raised above that of a VIB that is installed', async () => {
    const stage = await staged();
    const lines = [
      `Unable to set acceptance level of partner due to installed VIBs ${BASE} having a lower ` +
        'acceptance level.',
    ];
    await refused(stage, 'AcceptanceConfigError', lines, () =>
      stage.software.setAcceptance('partner'),
    );
  });

  test('is set on the running host and on both banks where both are in use', async () => {
    const stage = await staged();
    await stage.software.install([await offer({ name: 'tool' })]);
    await stage.software.remove(['tool', 'base'], { force: true });
    await stage.host.reboot();
    await stage.software.install([await offer({ name: 'other', liveInstallAllowed: false })], {
      force: true,
    });
    await stage.software.remove(['other']);
    await stage.software.setAcceptance('accepted');
    expect((await stage.software.running()).profile.acceptanceLevel).toBe('accepted');
    for (const files of [stage.one, stage.other]) {
      const { software } = await stageOf(new Map(files));
      expect((await software.running()).profile.acceptanceLevel).toBe('accepted');
    }
  });
});

test('a bank that lists what is beside it is neither read nor written there', async () => {
  const stage = await staged();
  await stage.software.install([await offer({ name: 'tool' })]);
  const cfg = text(stage.other.get('boot.cfg')!).replace('base.t00', '../secret');
  stage.other.set('boot.cfg', utf8(cfg));
  const lines = [
    "altbootbank/boot.cfg at 0x0: lists the module '../secret', which is no file of the bank",
  ];
  await refused(stage, 'InstallationError', lines, async () =>
    stage.software.install([await offer({ name: 'more' })]),
  );
});

test('a device with one bank has nowhere to install to', async () => {
  const stage = await staged();
  const [bank] = await stage.device.banks();
  Object.assign(stage.device, { banks: async () => [bank] });
  const lines = ["bootbank has no bank beside 'bootbank' to install to."];
  await refused(stage, 'InstallationError', lines, async () =>
    stage.software.install([await offer({ name: 'tool' })]),
  );
});

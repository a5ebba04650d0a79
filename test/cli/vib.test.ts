// `visorfs vib`: what each verb shows, letter for letter; what goes wrong, in one line; and that
// nothing is half made, outside of its folder, or in anybody's place.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeAr } from '../../src/format/ar.ts';
import { tarOf } from '../support/archives.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { changed, soundVib } from '../support/vibs.ts';
import { perform, stageFolder } from './stage.ts';
import { done, failed, SAID, writeRoot } from './vib-stage.ts';

const at = stageFolder();
const image = (name: string): string =>
  fileURLToPath(new URL(`../../images/${name}`, import.meta.url));
const HOSTD = image('vibs/hostd.vib');

beforeAll(() => writeRoot(at('root')));

let counter = 0;
/** The file of a new VIB, made as `change` says. */
async function made(bytes: Uint8Array): Promise<string> {
  const file = at(`made-${++counter}.vib`);
  fs.writeFileSync(file, bytes);
  return file;
}

describe('vib info', () => {
  test('shows a VIB in the words and the order of esxcli, and what more is known', async () => {
    const size = fs.statSync(image('vibs/debug-tools.vib')).size;
    const text = await done('info', image('vibs/debug-tools.vib'));
    expect(text.replace(/tgz \d+/, 'tgz N').replace(/File Count: \d+/, 'File Count: N')).toBe(`\
visorfs_bootbank_debug-tools_1.2.0-3
   Name: debug-tools
   Version: 1.2.0-3
   Type: bootbank
   Vendor: visorfs
   Acceptance Level: CommunitySupported
   Summary: Tracers & friends
   Description: Tools to look into a running host. A sample; its programs are generated.
   ReferenceURLs:
   Creation Date: 2000-01-01
   Depends:
   Conflicts:
   Replaces:
   Provides: debug-tools = 1.2.0
   Maintenance Mode Required: false
   Hardware Platforms Required:
   Live Install Allowed: true
   Live Remove Allowed: true
   Stateless Ready: true
   Overlay: true
   Tags: tool
   Payloads: debug-to
   Compatible With:
   Software Platforms:
   CIM Restart: false
   Payload Sizes: debug-to tgz N
   File Count: N
   Size: ${size}
   Signed: false
`);
  });

  test('--json is one object of one VIB, an array of several', async () => {
    const one = JSON.parse(await done('info', HOSTD, '--json'));
    expect(one).toMatchObject({
      ...{ Name: 'hostd', AcceptanceLevel: 'CommunitySupported', Overlay: false },
      ...{ Depends: [], Provides: ['hostd-agent = 8.0.3'], Signed: false },
    });
    expect(JSON.parse(await done('info', HOSTD, HOSTD, '--json'))).toEqual([one, one]);
  });

  test('--formatter spells it as esxcli does', async () => {
    expect(await done('info', '--formatter', 'keyvalue', HOSTD)).toContain(
      '\nVIBExt.Provides.string[0]=hostd-agent = 8.0.3\n',
    );
    const err = await failed('info', '--formatter', 'yaml', HOSTD);
    expect(err).toContain('Allowed choices are csv, json, keyvalue, xml.');
  });
});

test('vib list is a table, dashes below its headings', async () => {
  expect(await done('list', HOSTD, image('vibs/debug-tools.vib'))).toBe(`\
Name         Version             Vendor   Acceptance Level    Creation Date
-----------  ------------------  -------  ------------------  -------------
hostd        8.0.3-0.0.24000000  visorfs  CommunitySupported  2000-01-01
debug-tools  1.2.0-3             visorfs  CommunitySupported  2000-01-01
`);
  expect(await done('list', HOSTD, '--formatter', 'csv')).toBe(`\
AcceptanceLevel,CreationDate,ID,Name,Signed,Vendor,Version,
CommunitySupported,2000-01-01,visorfs_bootbank_hostd_8.0.3-0.0.24000000,hostd,false,visorfs,\
8.0.3-0.0.24000000,
`);
});

describe('vib verify', () => {
  test('says of a sound VIB what was looked at', async () => {
    const file = await made(await bytesOf({}));
    expect(await done('verify', file)).toBe(`\
${file}: us_bootbank_tool_1.0.0-1: holds
   Payload tool: tgz, ${(await soundVib()).stored('tool')!.length} bytes, 3 checksums right, 2 files
   Signature: unsigned: nobody signed it
   Acceptance Level: CommunitySupported declared, CommunitySupported proven
`);
  });

  test('every sample VIB holds', async () => {
    const names = ['vibs/hostd', 'vibs/vpxa', 'vibs/fdm', 'vibs/debug-tools', 'good/two-payloads'];
    const files = names.map((name) => image(`${name}.vib`));
    const rows = JSON.parse(await done('verify', '--json', ...files)) as { holds: boolean }[];
    expect(rows.map(({ holds }) => holds)).toEqual(files.map(() => true));
  });

  test('goes on after one that fails, says how many did, and ends with 1', async () => {
    const bad = await made(await bytesOf({ descriptor: () => ({ files: ['bin/tool'] }) }));
    const none = at('none.vib');
    fs.writeFileSync(none, 'no VIB at all');
    const { code, out, err } = await perform(['vib', 'verify', bad, none, HOSTD]);
    expect([code, err]).toEqual([1, 'visorfs: 2 of 3 VIBs failed\n']);
    expect(out).toContain(`${bad}: us_bootbank_tool_1.0.0-1: 1 finding\n`);
    expect(out).toContain(
      "   Finding: file-unlisted: etc/tool.conf: the file list has no 'etc/tool.conf'\n",
    );
    expect(out).toContain(`${none}: unreadable\n   none.vib at 0x0: no ar archive`);
    expect(out).toContain(`${HOSTD}: visorfs_bootbank_hostd_8.0.3-0.0.24000000: holds\n`);
  });

  test('--json says each finding by its word', async () => {
    const bad = await made(await bytesOf({ members: { tool: null } }));
    const { code, out } = await perform(['vib', 'verify', '--json', bad]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        ...{ file: bad, holds: false, id: 'us_bootbank_tool_1.0.0-1' },
        payloads: [{ name: 'tool', type: 'tgz', size: null, checksumCount: 0, fileCount: null }],
        signature: {
          ...{ status: 'unsigned', reason: 'nobody signed it', signer: null },
          ...{ trustedBy: null, atFrom: null, at: null },
        },
        ...{ declaredLevel: 'community', provenLevel: 'community' },
        findings: [
          { code: 'payload-missing', subject: 'tool', message: "the VIB has no member 'tool'" },
        ],
      },
    ]);
  });

  test('what it is told wrongly it says in one line', async () => {
    expect(await failed('verify', at('nowhere.vib'))).toBe(
      `visorfs: there is no VIB '${at('nowhere.vib')}'\n`,
    );
    expect(await failed('verify', HOSTD, '--trust', at('nowhere.pem'))).toBe(
      `visorfs: there is no certificate '${at('nowhere.pem')}'\n`,
    );
    expect(await failed('verify', HOSTD, '--at', 'tomorrow')).toBe(
      "visorfs: 'tomorrow' is no date; 2024-02-29 or 2024-02-29T12:00Z\n",
    );
    expect(await failed('verify', HOSTD, '--no-sig-check', '--trust', 'x')).toBe(
      'visorfs: --no-sig-check leaves nothing to --trust\n',
    );
  });
});

describe.skipIf(!hasOpenssl())('signatures', () => {
  const ca = new Authority();
  const file = (): string => at('signed.vib');

  beforeAll(async () => {
    for (const name of ['root', 'stranger']) ca.root(name);
    ca.key('signer', 'rsa', '/O=Us/CN=Us Signing');
    ca.issue('signer', 'root');
    const sign = ['--sign', ca.path('signer.key'), '--cert', ca.path('signer.pem')];
    const level = ['--acceptance-level', 'partner', '--signing-time', `2099-01-01T00:00Z`];
    await done('create', '-o', at('timed.vib'), at('root'), ...SAID, ...sign, ...level);
    await done('create', '-o', file(), at('root'), ...SAID, ...sign, ...level.slice(0, 2));
  });

  test('of a VIB made here is trusted with its root, which is named', async () => {
    const out = await done('verify', file(), '--trust', ca.path('root.pem'), '--at', inAnHour());
    expect(out).toContain("   Signature: trusted: 'root' vouches for 'Us Signing'\n");
    expect(out).toContain('   Signer: Us Signing\n');
    expect(out).toMatch(/ {3}Certificates At: \S+Z, as the signature has no time\n/);
    expect(out).toContain(
      '   Acceptance Level: PartnerSupported declared, PartnerSupported proven\n',
    );
  });

  test('is untrusted without it, with another, and never called valid', async () => {
    const none = await perform(['vib', 'verify', file()]);
    const other = await perform(['vib', 'verify', file(), '--trust', ca.path('stranger.pem')]);
    for (const { code, out } of [none, other]) {
      expect([code, /valid/.test(out)]).toEqual([1, false]);
      expect(out).toContain('   Signature: untrusted: ');
      expect(out).toContain('CommunitySupported proven');
    }
  });

  test('must be good when it was made, where it says when', async () => {
    const trust = ['--trust', ca.path('root.pem'), '--at', inAnHour()];
    const { code, out } = await perform(['vib', 'verify', at('timed.vib'), ...trust]);
    expect(code).toBe(1);
    expect(out).toContain('   Certificates At: 2099-01-01T00:00:00.000Z, when it was signed\n');
    expect(out).toMatch(/Signature: untrusted: the certificate of 'Us Signing' expired on /);
  });

  test('at another time than now, where it does not', async () => {
    const trust = ['--trust', ca.path('root.pem'), '--at', '2001-01-01'];
    const { code, out } = await perform(['vib', 'verify', file(), ...trust]);
    expect(code).toBe(1);
    expect(out).toMatch(/untrusted: the certificate of 'Us Signing' is not good before /);
  });

  test('is left alone with --no-sig-check', async () => {
    const out = await done('verify', '--no-sig-check', file());
    expect(out).toContain('   Signature: unchecked: it was not asked for\n');
    expect(out).toContain('   Acceptance Level: PartnerSupported declared, unchecked\n');
  });

  test('that is of another descriptor is invalid', async () => {
    const bytes = fs.readFileSync(file());
    const touched = Buffer.from(
      bytes.toString('latin1').replace('<name>hello', '<name>jello'),
      'latin1',
    );
    const { code, out } = await perform([
      ...['vib', 'verify', await made(touched), '--trust', ca.path('root.pem')],
    ]);
    expect(code).toBe(1);
    expect(out).toContain('   Signature: invalid: it is over other bytes than this descriptor\n');
  });

  test('--json says whose the time is', async () => {
    const from = async (...at: string[]): Promise<string> => {
      const { out } = await perform(['vib', 'verify', file(), '--json', ...at]);
      return JSON.parse(out)[0].signature.atFrom;
    };
    expect(await from()).toBe('now');
    expect(await from('--at', inAnHour())).toBe('given');
  });

  test('a root that is none is named', async () => {
    const notes = ca.write('notes.txt', 'no certificate');
    expect(await failed('verify', file(), '--trust', notes)).toBe(
      `visorfs: ${notes} at 0x0: holds no certificate, PEM or DER\n`,
    );
  });

  test('half a signer makes nothing', async () => {
    const args = ['create', '-o', at('half.vib'), at('root'), ...SAID];
    for (const half of [
      ['--sign', ca.path('signer.key')],
      ['--signing-time', '2024-01-01'],
    ]) {
      expect(await failed(...args, ...half)).toBe(
        'visorfs: to sign takes a key and its certificate: --sign and --cert\n',
      );
    }
    const wrong = ['--sign', ca.path('root.key'), '--cert', ca.path('signer.pem')];
    expect(await failed(...args, ...wrong)).toContain('is not that of the key in');
    expect(fs.existsSync(at('half.vib'))).toBe(false);
  });
});

describe('vib extract', () => {
  test('writes the members as they are stored', async () => {
    const out = await done('extract', HOSTD, '-C', at('members'));
    const names = fs.readdirSync(at('members')).sort();
    expect(names).toEqual(['descriptor.xml', 'hostd', 'sig.pkcs7']);
    const bytes = names.reduce((sum, name) => sum + fs.statSync(at('members', name)).size, 0);
    expect(out).toBe(`${at('members')}: 3 members, ${bytes} bytes\n`);
    const members = names.map((name) => ({ name, bytes: fs.readFileSync(at('members', name)) }));
    const [descriptor, hostd, signature] = members;
    const again = encodeAr([descriptor!, signature!, hostd!]);
    expect(Buffer.compare(again, fs.readFileSync(HOSTD))).toBe(0);
  });

  test('--json says what was written', async () => {
    const members = JSON.parse(await done('extract', HOSTD, '-C', at('m'), '--json'));
    const names = ['descriptor.xml', 'sig.pkcs7', 'hostd'];
    expect(members).toMatchObject({ folder: at('m'), members: names });
    const files = JSON.parse(await done('extract', HOSTD, '-C', at('f'), '--json', '--files'));
    expect(files).toMatchObject({ folder: at('f'), links: 0, files: expect.any(Number) });
  });

  test('--files writes the files of all payloads', async () => {
    await done('extract', image('good/two-payloads.vib'), '--files', '-C', at('files'));
    const { out } = await perform(['ls', '-R', image('good/two-payloads.vib')]);
    expect(out).toContain('motd');
    expect(fs.existsSync(at('files/etc/motd'))).toBe(true);
    expect(await failed('extract', '--files', '-C', at('x'), fileOf('a.tar', tarOf([])))).toContain(
      'no ar archive',
    );
  });

  test('nothing is overwritten without --force, and then nothing is written', async () => {
    fs.mkdirSync(at('full'));
    fs.writeFileSync(at('full/hostd'), 'mine');
    expect(await failed('extract', HOSTD, '-C', at('full'))).toBe(
      `visorfs: '${at('full/hostd')}' is there already; --force overwrites it\n`,
    );
    expect(fs.readdirSync(at('full'))).toEqual(['hostd']);
    await done('extract', HOSTD, '-C', at('full'), '--force');
    expect(fs.statSync(at('full/hostd')).size).toBeGreaterThan(4);
  });

  test('a link in the folder is replaced, never gone through', async () => {
    fs.mkdirSync(at('trap'));
    fs.writeFileSync(at('outside'), 'mine');
    fs.symlinkSync(at('outside'), at('trap/descriptor.xml'));
    await done('extract', HOSTD, '-C', at('trap'), '--force');
    expect(fs.readFileSync(at('outside'), 'utf8')).toBe('mine');
    expect(fs.lstatSync(at('trap/descriptor.xml')).isFile()).toBe(true);
  });

  test.each(['../out', 'a/b', '..', '.', 'a\\b', 'c:d'])(
    'a member called %s is refused, and nothing is written',
    async (name) => {
      const vib = await soundVib();
      const members = vib.members.map((one) => ({ name: one.name, bytes: vib.stored(one.name)! }));
      const bytes = encodeAr([...members, { name, bytes: new Uint8Array(3) }]);
      expect(await failed('extract', await made(bytes), '-C', at('evil'))).toBe(
        `visorfs: '${name}' is no name for a file; nothing was written\n`,
      );
      expect(fs.existsSync(at('evil'))).toBe(false);
      expect(fs.existsSync(at('out'))).toBe(false);
    },
  );

  test('two members of one name are refused', async () => {
    const vib = await soundVib();
    const members = vib.members.map((one) => ({ name: one.name, bytes: vib.stored(one.name)! }));
    const twice = await made(encodeAr([...members, members[2]!]));
    expect(await failed('extract', twice, '-C', at('evil'))).toBe(
      "visorfs: several members are called 'tool'\n",
    );
  });
});

function fileOf(name: string, content: Uint8Array | string): string {
  fs.writeFileSync(at(name), content);
  return at(name);
}

async function bytesOf(change: Parameters<typeof changed>[1]): Promise<Uint8Array> {
  const { source } = changed(await soundVib(), change);
  return source.resident(0, source.size)!;
}

/** Certificates of tests are good from when they were made. */
function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

// `visorfs host software`, letter for letter, as somebody uses it on a copy of the sample bank:
// what it prints, how it refuses, what lies in the folder afterwards, and what the next boot shows.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();
const IMAGES = new URL('../../images/', import.meta.url).pathname;
const TOOLS = `${IMAGES}vibs/debug-tools.vib`;
const HOSTD = `${IMAGES}vibs/hostd.vib`;
/** Both depend on hostd, and on nobody else. */
const AGENTS = ['vpxa', 'fdm'].map((name) => `${IMAGES}vibs/${name}.vib`);

let count = 0;
let host = '';
beforeEach(() => {
  host = at(`host-${++count}`);
  cpSync(`${IMAGES}bank`, host, { recursive: true });
});

/** What a command prints; it must not complain. */
async function shown(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(['host', 'software', ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

/** What a command complains of; it must print nothing, and leave the host as it was. */
async function refused(...args: readonly string[]): Promise<string> {
  const before = listing();
  const { code, out, err } = await perform(['host', 'software', ...args]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(listing()).toEqual(before);
  return err;
}

function listing(): string[] {
  const names = readdirSync(host, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.includes('.'))
    .map((name) => {
      return `${name} ${readFileSync(`${host}/${name}`).toString('base64')}`;
    });
}

async function withTools(): Promise<void> {
  await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
  await shown('vib', 'install', '-v', TOOLS, host);
}

test('changes at the same time are made one after the other, and none is lost', async () => {
  await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
  await shown('vib', 'install', '-v', HOSTD, host);
  const changes = [TOOLS, ...AGENTS].map((file) => shown('vib', 'install', '-v', file, host));
  for (const said of await Promise.all(changes)) {
    expect(said).toContain('Operation finished successfully.');
  }
  const names = (await shown('vib', 'list', host)).split('\n').map((line) => line.split(' ')[0]);
  expect(names).toEqual(expect.arrayContaining(['debug-tools', 'hostd', 'vpxa', 'fdm']));
});

const today = (): string => new Date().toISOString().slice(0, 10);

test('acceptance set says the new level as JSON too', async () => {
  const words = ['acceptance', 'set', '--level', 'CommunitySupported', host, '--json'];
  expect(JSON.parse(await shown(...words))).toBe('CommunitySupported');
});

// As esxcli has it: esxcli --formatter=csv software vib list.
test('--formatter may stand ahead of the command, where the command knows it', async () => {
  const behind = await shown('vib', 'list', host, '--formatter', 'csv');
  expect(behind).toContain('unknown,unknown,unknown,unknown,sb.v00,');
  for (const words of [['--formatter=csv'], ['--formatter', 'csv']]) {
    const { code, out, err } = await perform([...words, 'host', 'software', 'vib', 'list', host]);
    expect({ code, out, err }).toEqual({ code: 0, out: behind, err: '' });
  }
  for (const words of [
    ['--formatter=csv', 'vdf', host],
    ['vdf', host, '--formatter=csv'],
  ]) {
    const { code, out, err } = await perform(words);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: 'visorfs: vdf knows no --formatter\n',
    });
  }
  const odd = await perform(['--formatter=csv', 'host', 'software', 'vib', 'list', host, '--json']);
  expect(odd).toMatchObject({ code: 2, err: expect.stringContaining('two spellings') });
});

test('a bank without a database is listed by its files', async () => {
  expect(await shown('vib', 'list', host)).toBe(`\
Name       Version  Vendor   Acceptance Level  Install Date
---------  -------  -------  ----------------  ------------
sb.v00     unknown  unknown  unknown           unknown
hostd.v00  unknown  unknown  unknown           unknown
vpxa.v00   unknown  unknown  unknown           unknown
fdm.v00    unknown  unknown  unknown           unknown
`);
  expect(await shown('acceptance', 'get', host)).toBe('PartnerSupported\n');
});

test('what the host does not accept is refused as esxcli refuses it', async () => {
  expect(await refused('vib', 'install', '-v', TOOLS, host)).toBe(
    ' [AcceptanceConfigError]\n' +
      " VIB visorfs_bootbank_debug-tools_1.2.0-3's acceptance level is community, which is not " +
      'compliant with the ImageProfile acceptance level partner\n' +
      " To change the host acceptance level, use the 'visorfs host software acceptance set' " +
      'command.\n',
  );
});

test('a VIB is installed, listed, seen by the next boot, and removed again', async () => {
  expect(await shown('acceptance', 'set', '--level', 'CommunitySupported', host)).toBe(
    "Host acceptance level changed to 'CommunitySupported'.\n",
  );
  expect(await shown('vib', 'install', '-v', TOOLS, host)).toBe(`\
Installation Result
   Message: Operation finished successfully.
   Reboot Required: false
   VIBs Installed: visorfs_bootbank_debug-tools_1.2.0-3
   VIBs Removed:
   VIBs Skipped:
`);
  expect(await shown('vib', 'list', host)).toContain(
    `debug-tools  1.2.0-3  visorfs  CommunitySupported  ${today()}\n`,
  );
  const motd = await perform(['cat', host, '/etc/motd']);
  expect(motd.out).toContain('Debug tools are on this host');
  expect(readdirSync(`${host}/altbootbank`)).toContain('debug_to.t00');
  expect(await shown('vib', 'remove', '-n', 'debug-tools', host)).toBe(`\
Removal Result
   Message: Operation finished successfully.
   Reboot Required: false
   VIBs Installed:
   VIBs Removed: visorfs_bootbank_debug-tools_1.2.0-3
   VIBs Skipped:
`);
  const after = await perform(['cat', host, '/etc/motd']);
  expect(after.out).not.toContain('Debug tools');
});

test('people see how far it has come, and nothing of that stays', async () => {
  let now = 0;
  const tell = { isTerminal: true, now: () => (now += 1000) };
  const level = ['--level', 'CommunitySupported'];
  await shown('acceptance', 'set', ...level, host);
  const { code, err } = await perform(
    ['host', 'software', 'vib', 'install', '-v', TOOLS, host],
    tell,
  );
  expect(code).toBe(0);
  expect(err).toContain('installing 1/1  visorfs_bootbank_debug-tools_1.2.0-3');
  expect(err).toMatch(/installing \d+\/\d+ {2}debug_to\.t00/);
  expect(err.endsWith('\r\x1b[K')).toBe(true);
});

test('what is already there is skipped, and a dry run changes nothing', async () => {
  await withTools();
  const before = listing();
  expect(await shown('vib', 'install', '-v', TOOLS, host)).toContain(`\
   Message: Host is not changed.
   Reboot Required: false
   VIBs Installed:
   VIBs Removed:
   VIBs Skipped: visorfs_bootbank_debug-tools_1.2.0-3
`);
  expect(await shown('vib', 'remove', '-n', 'debug-tools', '--dry-run', host)).toContain(
    '   Message: Dryrun only, host not changed. The following installers will be applied: ' +
      '[LiveImageInstaller, BootBankInstaller]\n',
  );
  expect(listing()).toEqual(before);
});

test('get says what a VIB says of itself, in esxcli’s order', async () => {
  await withTools();
  expect(await shown('vib', 'get', '-n', 'debug-tools', host)).toBe(`\
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
`);
});

test('programs get json, csv, keyvalue and xml', async () => {
  await withTools();
  const [row] = JSON.parse(await shown('vib', 'list', '--json', host)) as unknown[];
  expect(row).toEqual({
    AcceptanceLevel: 'CommunitySupported',
    CreationDate: '2000-01-01',
    ID: 'visorfs_bootbank_debug-tools_1.2.0-3',
    InstallDate: today(),
    Name: 'debug-tools',
    Vendor: 'visorfs',
    Version: '1.2.0-3',
  });
  expect((await shown('vib', 'list', '--formatter', 'csv', host)).split('\n')[0]).toBe(
    'AcceptanceLevel,CreationDate,ID,InstallDate,Name,Vendor,Version,',
  );
  expect(await shown('vib', 'get', '--formatter', 'keyvalue', '-n', 'debug-tools', host)).toContain(
    'VIBExt.Name.string=debug-tools\n',
  );
  const args = ['vib', 'remove', '-n', 'debug-tools', '--dry-run', '--formatter', 'xml', host];
  expect(await shown(...args)).toContain('<structure typeName="RemovalResult">');
});

test('dependents are named, and so is what nobody knows', async () => {
  await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
  await shown('vib', 'install', ...[HOSTD, ...AGENTS].flatMap((vib) => ['-v', vib]), host);
  expect(await refused('vib', 'remove', '-n', 'hostd', host)).toBe(
    ' [DependencyError]\n' +
      ' VIB visorfs_bootbank_fdm_8.0.3-0.0.24000000 requires hostd-agent, but the requirement ' +
      'cannot be satisfied within the ImageProfile.\n' +
      ' VIB visorfs_bootbank_vpxa_8.0.3-0.0.24000000 requires hostd-agent >= 8.0.0, but the ' +
      'requirement cannot be satisfied within the ImageProfile.\n',
  );
  expect(await refused('vib', 'get', '-n', 'nothing', host)).toBe(
    " [NoMatchError]\n No VIB matching VIB search specification 'nothing'.\n",
  );
});

test('what takes a reboot is in the image that is booted next', async () => {
  await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
  expect(await shown('vib', 'list', '--rebooting-image', host)).toBe('');
  expect(await shown('profile', 'get', '--rebooting-image', host)).toBe(
    'No pending image profile available.\n   Name: No pending image profile available.\n',
  );
  expect(await shown('vib', 'install', '--no-live-install', '-v', TOOLS, host)).toContain(
    '   Message: The update completed successfully, but the system needs to be rebooted for the ' +
      'changes to be effective.\n   Reboot Required: true\n',
  );
});

describe('a bundle', () => {
  const bundle = async (): Promise<string> => {
    const file = at(`bundle-${count}.zip`);
    const made = ['-o', file, '--profile', 'Sample-1', HOSTD, ...AGENTS, TOOLS];
    expect((await perform(['bundle', 'create', ...made])).code).toBe(0);
    return file;
  };

  test('is installed from, by name', async () => {
    const file = await bundle();
    await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
    const args = ['vib', 'install', '-d', file, '-n', 'debug-tools', host];
    expect(await shown(...args)).toContain(
      '   VIBs Installed: visorfs_bootbank_debug-tools_1.2.0-3\n',
    );
  });

  test('gives a host its profile, which can be shown and compared', async () => {
    const file = await bundle();
    const source = ['-d', file, '-p', 'Sample-1'];
    await shown('acceptance', 'set', '--level', 'CommunitySupported', host);
    const compared = await perform(['host', 'software', 'profile', 'validate', ...source, host]);
    expect(compared.code).toBe(1);
    expect(compared.out).toContain('   Compliant: false\n   VIBs In Host Only:\n');
    expect(await shown('profile', 'update', ...source, host)).toMatch(
      /^Update Result\n {3}Message: Operation finished successfully\.\n/,
    );
    expect(await shown('profile', 'validate', ...source, host)).toContain('   Compliant: true\n');
    const got = await shown('profile', 'get', host);
    expect(got).toMatch(/^Sample-1\n {3}Name: Sample-1\n {3}Vendor: visorfs\n/);
    expect(got).toContain('   Stateless Ready: false\n');
    expect(got).toContain('   VIBs: debug-tools 1.2.0-3, fdm 8.0.3-0.0.24000000, hostd 8.0.3');
    expect(got).toContain('   Unknown Modules: sb.v00\n');
  });

  test('that is none, or not there, and a profile that it does not have, are refused', async () => {
    const file = at('none.zip');
    writeFileSync(file, 'nothing');
    const wrong = await refused('vib', 'install', '-d', file, host);
    expect(wrong).toContain(
      ` [MetadataDownloadError]\n Could not download from depot at ${file}: `,
    );
    const missing = await refused('vib', 'install', '-d', at('missing.zip'), host);
    expect(missing).toContain(`there is no bundle '${at('missing.zip')}'`);
    const args = ['profile', 'update', '-d', await bundle(), '-p', 'Sample-2', host];
    expect(await refused(...args)).toBe(
      ' [NoMatchError]\n' +
        " No image profile found with name 'Sample-2'\n" +
        '         id = Sample-2\n',
    );
  });
});

describe('says what is wrong with', () => {
  test('a VIB that is not there, or is none', async () => {
    const missing = await refused('vib', 'install', '-v', at('missing.vib'), host);
    expect(missing).toMatch(/^ \[VibDownloadError\]\n Could not use the VIB '.*missing\.vib': /);
    const none = await refused('vib', 'install', '-v', `${host}/boot.cfg`, host);
    expect(none).toMatch(
      /^ \[VibValidationError\]\n Could not use the VIB '.*boot\.cfg': .* no ar archive/,
    );
  });

  test('a certificate that is not there', async () => {
    const args = ['vib', 'install', '--trust', at('missing.pem'), '-v', TOOLS, host];
    expect(await refused(...args)).toBe(
      `visorfs: there is no certificate '${at('missing.pem')}'\n`,
    );
  });

  test.each([
    [['vib', 'install'], 'nothing to install from: give --viburl or --depot'],
    [['vib', 'remove'], "required option '-n, --vibname <vib>' not specified"],
    [['acceptance', 'set', '--level', 'partner'], "'partner' is no acceptance level: VMwareCert"],
    [['vib', 'list', '--json', '--formatter', 'xml'], '--json and --formatter xml are two spell'],
  ])('the command line %j', async (args, message) => {
    const { code, err } = await perform(['host', 'software', ...args, host]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('a word that is no command', async () => {
    const { code, err } = await perform(['host', 'software', 'vib', 'instal', host]);
    expect([code, err]).toEqual([
      2,
      "visorfs: unknown command 'instal'; see visorfs host software vib --help\n",
    ]);
  });
});

test.each([
  [['host', 'software']],
  [['host', 'software', 'vib']],
  ...['list', 'get', 'install', 'update', 'remove'].map((verb) => [
    ['host', 'software', 'vib', verb],
  ]),
  ...['get', 'update', 'install', 'validate'].map((verb) => [
    ['host', 'software', 'profile', verb],
  ]),
  ...['get', 'set'].map((verb) => [['host', 'software', 'acceptance', verb]]),
])('%j --help has an example', async (args) => {
  const { code, out } = await perform([...args, '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/Examples?:\n {2}visorfs host software /);
});

/**
 * Whether a VIB holds: each thing that can be wrong is wrong in one VIB, and that one finding is
 * all that is found; a VIB with every fault is read to its end.
 */

import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import type { VibDescriptor, VibPayload } from '../../src/format/vib-descriptor.ts';
import type { VibPackage } from '../../src/layer/vib-package.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { hexSum } from '../../src/software/checksum.ts';
import { type VerifyOptions, verifyVib } from '../../src/software/verify.ts';
import { tarOf } from '../support/archives.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { storedXz, storedZstd } from '../support/packed.ts';
import { changed, soundVib, withMember } from '../support/vibs.ts';

const ATTENTIVE: VerifyOptions = { signature: { atMs: 0 } };

async function findings(vib: VibPackage, options = ATTENTIVE): Promise<string[]> {
  const { findings: found } = await verifyVib(vib, nativeCodec, options);
  return found.map(({ code, subject, message }) => `${code} ${subject}: ${message}`);
}

/** The first payload of `descriptor`, changed. */
function payload(change: Partial<VibPayload>): (descriptor: VibDescriptor) => {
  payloads: VibPayload[];
} {
  return ({ payloads: [first] }) => ({ payloads: [{ ...first!, ...change }] });
}

/** `vib` whose payload is `stored`, and whose descriptor has its size and sum. */
async function holding(vib: VibPackage, stored: Uint8Array, type = 'tgz'): Promise<VibPackage> {
  const value = await hexSum('sha-256', stored, nativeCodec);
  const checksums = [{ type: 'sha-256', verifyProcess: null, value }];
  const change = { size: stored.length, uncompressedSize: null, type, checksums };
  return changed(vib, { descriptor: payload(change), members: { tool: stored } });
}

describe.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])('with %s', (_name, codec) => {
  test('a sound VIB has no findings, and its payload is told of', async () => {
    const verified = await verifyVib(await soundVib(), codec, ATTENTIVE);
    const size = (await soundVib()).stored('tool')!.length;
    expect(verified).toEqual({
      id: 'us_bootbank_tool_1.0.0-1',
      payloads: [{ name: 'tool', type: 'tgz', size, checksumCount: 3, fileCount: 2 }],
      signature: expect.objectContaining({ status: 'unsigned' }),
      declaredLevel: 'community',
      provenLevel: 'community',
      findings: [],
    });
  });
});

test('a payload that the VIB has not is missing', async () => {
  const vib = changed(await soundVib(), { members: { tool: null } });
  expect(await findings(vib)).toEqual(["payload-missing tool: the VIB has no member 'tool'"]);
});

test('a payload of another size is told', async () => {
  const vib = changed(await soundVib(), { descriptor: payload({ size: 5 }) });
  const size = vib.stored('tool')!.length;
  expect(await findings(vib)).toEqual([
    `payload-size tool: it has ${size} bytes, the descriptor 5 bytes`,
  ]);
});

test('a payload whose size the descriptor does not say is told', async () => {
  const vib = changed(await soundVib(), { descriptor: payload({ size: null }) });
  expect(await findings(vib)).toEqual([expect.stringContaining('the descriptor no size')]);
});

test('another size after one gunzip is told', async () => {
  const vib = changed(await soundVib(), { descriptor: payload({ uncompressedSize: 10_241 }) });
  expect(await findings(vib)).toEqual([
    'uncompressed-size tool: it has 10240 bytes without gzip, the descriptor 10241',
  ]);
});

describe('sums', () => {
  test.each([0, 1, 2])(
    'that number %i is wrong is told, and the others are right',
    async (index) => {
      const sound = await soundVib();
      const sums = sound.descriptor.payloads[0]!.checksums.map((one, at) =>
        at === index ? { ...one, value: '0'.repeat(one.value.length) } : one,
      );
      const vib = changed(sound, { descriptor: payload({ checksums: sums }) });
      const verified = await verifyVib(vib, nativeCodec, ATTENTIVE);
      expect(verified.payloads[0]!.checksumCount).toBe(2);
      const kind = ['sha-256 gunzip', 'sha-256', 'sha-1 gunzip'][index]!;
      expect(verified.findings).toEqual([
        { code: 'checksum', subject: 'tool', message: expect.stringContaining(`its ${kind} is `) },
      ]);
    },
  );

  test('in capitals are the same sums', async () => {
    const sound = await soundVib();
    const checksums = sound.descriptor.payloads[0]!.checksums.map((one) => {
      return { ...one, value: one.value.toUpperCase() };
    });
    expect(await findings(changed(sound, { descriptor: payload({ checksums }) }))).toEqual([]);
  });

  test('that are not there are missed', async () => {
    const vib = changed(await soundVib(), { descriptor: payload({ checksums: [] }) });
    expect(await findings(vib)).toEqual([
      'payload-unsummed tool: the descriptor has no sum over it',
    ]);
  });

  test.each([
    ['md5', null, 'md5'],
    ['sha-256', 'unxz', 'sha-256 unxz'],
    ['sha-512', 'gunzip', 'sha-512 gunzip'],
  ])('by %s with the process %s are not known', async (type, verifyProcess, shown) => {
    const checksums = [{ type, verifyProcess, value: '00' }];
    const vib = changed(await soundVib(), { descriptor: payload({ checksums }) });
    expect(await findings(vib)).toEqual([
      `checksum-unknown tool: nothing is known of sums by ${shown}`,
    ]);
  });

  test('by gunzip are over what one gunzip leaves, though there is another layer', async () => {
    const inner = gzipSync(tarOf([{ path: 'etc/tool.conf' }, { path: 'bin/tool' }]));
    const vib = await holding(await soundVib(), gzipSync(inner));
    const sums = await Promise.all(
      [inner, gunzipSync(inner)].map((bytes) => hexSum('sha-256', bytes, nativeCodec)),
    );
    const claim = (value: string): VibPackage => {
      const checksums = [{ type: 'sha-256', verifyProcess: 'gunzip', value }];
      return changed(vib, { descriptor: payload({ checksums }) });
    };
    expect(await findings(claim(sums[0]!))).toEqual([]);
    expect(await findings(claim(sums[1]!))).toHaveLength(1);
  });

  test('of vzstd are over all that is within, and by gunzip1 after one gunzip', async () => {
    const tar = tarOf([{ path: 'etc/tool.conf' }, { path: 'bin/tool' }]);
    const inner = storedZstd(tar);
    // As ESXi 9 has it: deflate that does not compress around the frame.
    const vib = await holding(await soundVib(), gzipSync(inner, { level: 0 }), 'vzstd');
    const [ofInner, ofTar] = await Promise.all(
      [inner, tar].map((bytes) => hexSum('sha-256', bytes, nativeCodec)),
    );
    const checksums = [
      { type: 'sha-256', verifyProcess: 'gunzip', value: ofTar! },
      { type: 'sha-256', verifyProcess: 'gunzip1', value: ofInner! },
      { type: 'sha-256-gunzip1', verifyProcess: null, value: ofInner! },
    ];
    const whole = { checksums, uncompressedSize: tar.length };
    const claimed = changed(vib, { descriptor: payload(whole) });
    const { findings: found, payloads } = await verifyVib(claimed, nativeCodec, ATTENTIVE);
    expect([found, payloads[0]!.checksumCount, payloads[0]!.fileCount]).toEqual([[], 3, 2]);
  });

  test('of an xz in gzip are over the xz by gunzip, and its files are known', async () => {
    const inner = storedXz(tarOf([{ path: 'etc/tool.conf' }, { path: 'bin/tool' }]));
    const vib = await holding(await soundVib(), gzipSync(inner), 'vgz');
    const value = await hexSum('sha-1', inner, nativeCodec);
    const checksums = [{ type: 'sha-1', verifyProcess: 'gunzip', value }];
    const said = { checksums, uncompressedSize: inner.length };
    expect(await findings(changed(vib, { descriptor: payload(said) }))).toEqual([]);
  });
});

describe('a payload that cannot be read', () => {
  test('is told where its gzip is cut', async () => {
    const sound = await soundVib();
    const stored = sound.stored('tool')!;
    const vib = await holding(sound, stored.subarray(0, stored.length - 9));
    expect(await findings(vib)).toEqual([expect.stringMatching(/^payload-unreadable tool: /)]);
  });

  test('is told where it is no archive', async () => {
    const vib = await holding(await soundVib(), gzipSync(utf8('text')));
    expect(await findings(vib)).toEqual(['payload-unreadable tool: it is no tar and no visor tar']);
  });

  test('is told where its tar lies, with the place', async () => {
    const tar = tarOf([{ path: 'etc/tool.conf', content: 'x' }, { path: 'bin/tool' }]);
    const vib = await holding(await soundVib(), gzipSync(tar.subarray(0, 700)));
    expect(await findings(vib)).toEqual([
      expect.stringMatching(/^payload-unreadable tool: tool.vib!tool at 0x[0-9a-f]+: /),
    ]);
  });

  test('is told where it is a bomb, which is not blown up', async () => {
    const bomb = gzipSync(gzipSync(new Uint8Array(80 << 20)));
    const vib = await holding(await soundVib(), bomb);
    expect(await findings(vib)).toEqual([
      expect.stringMatching(/^payload-unreadable tool: decodes to more than /),
    ]);
  });

  test('is none where it is meant to be something else than an archive', async () => {
    const vib = await holding(await soundVib(), gzipSync(utf8('a kernel')), 'boot');
    expect(await findings(vib)).toEqual([]);
  });
});

describe('many payloads', () => {
  const zeros = (size: number): Uint8Array => {
    return gzipSync(tarOf([{ path: 'zeros', content: new Uint8Array(size) }]));
  };

  async function holdingTwice(stored: Uint8Array): Promise<VibPackage> {
    const value = await hexSum('sha-256', stored, nativeCodec);
    const described = (name: string): VibPayload => ({
      ...{ name, type: 'tgz', size: stored.length, uncompressedSize: null },
      checksums: [{ type: 'sha-256', verifyProcess: null, value }],
    });
    return changed(await soundVib(), {
      descriptor: () => ({ files: ['zeros'], payloads: ['a', 'b'].map(described) }),
      members: { tool: null, a: stored, b: stored },
    });
  }

  test('share one limit of what they decode to', async () => {
    // One gzip never exceeds the limit, which follows from what deflate can do; two do.
    expect(await findings(await holdingTwice(gzipSync(zeros(40 << 20))))).toEqual([
      expect.stringMatching(/^payload-unreadable b: decodes to more than /),
    ]);
  });

  test('are counted once each', async () => {
    expect(await findings(await holdingTwice(zeros(24 << 20)))).toEqual([]);
  });
});

describe('the file list', () => {
  test('that lacks a file of a payload is told', async () => {
    const vib = changed(await soundVib(), { descriptor: () => ({ files: ['bin/tool'] }) });
    expect(await findings(vib)).toEqual([
      "file-unlisted etc/tool.conf: the file list has no 'etc/tool.conf'",
    ]);
  });

  test('that has a file too many is told', async () => {
    const vib = changed(await soundVib(), {
      descriptor: ({ files }) => ({ files: [...files, 'bin/other'] }),
    });
    expect(await findings(vib)).toEqual([
      "file-missing bin/other: no payload has the file 'bin/other'",
    ]);
  });

  test('has no directories, and knows no ./ ahead of a name', async () => {
    const tar = tarOf([
      { path: './' },
      { path: './bin/' },
      { path: './bin/tool' },
      { path: 'etc/tool.conf' },
    ]);
    expect(await findings(await holding(await soundVib(), gzipSync(tar)))).toEqual([]);
  });
});

describe('members', () => {
  test('that the descriptor does not speak of are told', async () => {
    const vib = withMember(await soundVib(), 'stowaway', utf8('x'));
    expect(await findings(vib)).toEqual([
      "member-unlisted stowaway: the member 'stowaway' is no payload that the descriptor has",
    ]);
  });

  test('of one name are told, whichever of them is right', async () => {
    const vib = withMember(await soundVib(), 'tool', utf8('another'));
    expect(await findings(vib)).toEqual([
      "payload-repeated tool: the VIB has several members 'tool'",
    ]);
  });

  test('that two payloads are said to be are told', async () => {
    const vib = changed(await soundVib(), {
      descriptor: ({ payloads: [first] }) => ({ payloads: [first!, first!] }),
    });
    expect(await findings(vib)).toEqual([
      "payload-repeated tool: the descriptor has several payloads 'tool'",
    ]);
  });
});

describe('the acceptance level', () => {
  test.each(['certified', 'accepted', 'partner'])('%s takes a signature', async (level) => {
    const vib = changed(await soundVib(), { descriptor: () => ({ acceptanceLevel: level }) });
    expect(await findings(vib)).toEqual([
      `acceptance-level ${level}: it is declared ${level}, ` +
        'but nobody signed it: community is proven',
    ]);
    expect(await findings(vib, {})).toEqual([]);
  });

  test('that is none is told', async () => {
    const vib = changed(await soundVib(), { descriptor: () => ({ acceptanceLevel: 'golden' }) });
    expect(await findings(vib)).toEqual([
      "acceptance-level golden: there is no acceptance level 'golden'",
    ]);
  });

  test('is left alone with the signature, where there is one and nobody asks', async () => {
    const vib = changed(await soundVib(), {
      descriptor: () => ({ acceptanceLevel: 'certified' }),
      signature: () => utf8('signed'),
    });
    expect(await findings(vib, {})).toEqual([]);
    expect(await findings(vib)).toEqual([
      expect.stringMatching(/^signature-invalid sig.pkcs7: /),
      expect.stringContaining('but the signature is invalid: community is proven'),
    ]);
  });
});

describe.skipIf(!hasOpenssl())('signed by OpenSSL', () => {
  const ca = new Authority();
  const NOW_MS = Date.now() + 3_600_000;

  async function signed(level: string, signer: string): Promise<VibPackage> {
    return changed(await soundVib(), {
      descriptor: () => ({ acceptanceLevel: level }),
      signature: (descriptor) => ca.sign(descriptor, signer),
    });
  }

  const trusting = (name: string): VerifyOptions => {
    return { signature: { roots: [{ name, bytes: ca.bytes(`${name}.pem`) }], atMs: NOW_MS } };
  };

  test('a VIB holds with its root, and is untrusted with another', async () => {
    for (const name of ['root', 'stranger']) ca.root(name);
    ca.key('signer');
    ca.issue('signer', 'root');
    const vib = await signed('partner', 'signer');
    expect(await findings(vib, trusting('root'))).toEqual([]);
    const { provenLevel } = await verifyVib(vib, nativeCodec, trusting('root'));
    expect(provenLevel).toBe('partner');
    expect(await findings(vib, trusting('stranger'))).toEqual([
      "signature-untrusted sig.pkcs7: 'root', who issued the certificate of 'signer', " +
        'is no root that was named',
      'acceptance-level partner: it is declared partner, but no root that was named vouches for ' +
        'its signer: community is proven',
    ]);
    const unnamed = { signature: { atMs: NOW_MS } };
    expect(await findings(await signed('community', 'signer'), unnamed)).toEqual([]);
  });

  test('a descriptor that was written anew is not what was signed', async () => {
    const vib = await signed('partner', 'signer');
    const spaced = utf8(new TextDecoder().decode(vib.descriptorBytes).replace('<urls', ' <urls'));
    const touched = changed(vib, { members: { 'descriptor.xml': spaced } });
    expect(touched.descriptor).toEqual(vib.descriptor);
    expect(await findings(touched, trusting('root'))).toEqual([
      'signature-invalid sig.pkcs7: it is over other bytes than this descriptor',
      expect.stringContaining('acceptance-level partner'),
    ]);
  });

  test('a payload that was exchanged is told, though the signature is right', async () => {
    const vib = await signed('partner', 'signer');
    const other = gzipSync(tarOf([{ path: 'etc/tool.conf' }, { path: 'bin/tool' }]));
    const touched = changed(vib, { members: { tool: other } });
    const { signature, findings: found } = await verifyVib(touched, nativeCodec, trusting('root'));
    expect(signature.status).toBe('trusted');
    const codes = found.map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['payload-size', 'uncompressed-size', 'checksum']));
  });

  test("VMware's signers go as far as they are called", async () => {
    const names = { high: 'VMware Certified VIB Signing', low: 'VMware Accepted VIB Signing' };
    for (const [file, name] of Object.entries(names)) {
      ca.key(file, 'p256', `/O=VMware, Inc./CN=${name}`);
      ca.issue(file, 'root');
    }
    expect(await findings(await signed('certified', 'high'), trusting('root'))).toEqual([]);
    expect(await findings(await signed('accepted', 'low'), trusting('root'))).toEqual([]);
    expect(await findings(await signed('partner', 'low'), trusting('root'))).toEqual([]);
    expect(await findings(await signed('certified', 'low'), trusting('root'))).toEqual([
      'acceptance-level certified: it is declared certified, but ' +
        "'VMware Accepted VIB Signing' signs for no more: accepted is proven",
    ]);
  });
});

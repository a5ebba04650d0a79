/**
 * VIBs in a page: made there byte for byte as in Node, signed by the page's own WebCrypto, and
 * verified there, those of OpenSSL too. Skipped where no Chromium or no OpenSSL is installed.
 */

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { createVib } from '../../src/software/create.ts';
import { verifyVib } from '../../src/software/verify.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { changed, MANIFEST, opened, payloadEntry, soundVib } from '../support/vibs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PAGE = `
  import { createVib, openVibPackage, verifyVib } from './src/index.ts';

  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  const named = async (name) => ({ name, bytes: await bytes(name) });
  const roots = [await named('/root.pem')];
  const atMs = Date.now() + 3_600_000;
  const status = async (vib, trusted) => {
    const signature = { roots: trusted, atMs };
    const { signature: verdict, findings } = await verifyVib(vib, { signature });
    return [verdict.status, ...findings.map(({ code }) => code)];
  };
  const answer = {};
  try {
    const entries = [{ path: 'bin/tool', kind: 'file', mode: 0o755, mtimeSeconds: 946684800,
      content: new TextEncoder().encode('#!'), target: '' }];
    const payloads = [{ name: 'tool', type: 'vgz', entries }];
    const manifest = { name: 'tool', version: '1.0.0-1', vendor: 'us' };
    const { bytes: made } = await createVib(manifest, payloads);
    answer.made = [...made];
    const signer = { key: await named('/signer.key'), certificates: await named('/signer.pem') };
    const signed = await createVib({ ...manifest, acceptanceLevel: 'partner' }, payloads, signer);
    answer.signed = [...signed.bytes];
    answer.own = await status(await openVibPackage(signed.bytes), roots);
    const theirs = await openVibPackage(await bytes('/openssl.vib'));
    answer.theirs = [await status(theirs, roots), await status(theirs, [])];
    answer.touched = await status(await openVibPackage(await bytes('/touched.vib')), roots);
  } catch (error) {
    answer.wrong = String(error.stack);
  }
  await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
`;

interface Answer {
  readonly wrong?: string;
  readonly made: readonly number[];
  readonly signed: readonly number[];
  readonly [what: string]: unknown;
}

const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: no Chromium is installed\n');

test.skipIf(chromium === null || !hasOpenssl())(
  'a page makes, signs and verifies VIBs as Node does',
  async () => {
    const ca = new Authority();
    ca.root('root');
    ca.key('signer', 'rsa');
    ca.issue('signer', 'root');
    const theirs = changed(await soundVib(), {
      descriptor: () => ({ acceptanceLevel: 'partner' }),
      signature: (descriptor) => ca.sign(descriptor, 'signer'),
    });
    const touched = changed(theirs, { descriptor: () => ({ summary: 'another' }) });
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: ROOT, loader: 'ts', sourcefile: 'page.ts' },
      ...{ bundle: true, write: false, platform: 'browser', format: 'esm', target: 'es2022' },
    });
    const files = {
      '/': `import '/page.js';`,
      '/page.js': outputFiles[0]!.text,
      '/root.pem': ca.bytes('root.pem'),
      '/signer.key': ca.bytes('signer.key'),
      '/signer.pem': ca.bytes('signer.pem'),
      '/openssl.vib': theirs.source.resident(0, theirs.source.size)!,
      '/touched.vib': touched.source.resident(0, touched.source.size)!,
    };
    const sources = new URL('../../src/', import.meta.url);
    const { made, signed, ...said } = (await answerOfPage(chromium!, sources, files)) as Answer;
    expect(said).toEqual({
      own: ['trusted'],
      theirs: [['trusted'], ['untrusted', 'acceptance-level']],
      touched: ['invalid', 'signature-invalid', 'acceptance-level'],
    });
    const entries = [{ ...payloadEntry('bin/tool', '#!'), mode: 0o755 }];
    const ours = await createVib(MANIFEST, [{ name: 'tool', type: 'vgz', entries }]);
    expect(Uint8Array.from(made)).toEqual(ours.bytes);
    const vib = opened(Uint8Array.from(signed));
    expect(ca.accepts(vib.descriptorBytes, vib.signature, 'root')).toBe(true);
    const roots = [{ name: 'root', bytes: ca.bytes('root.pem') }];
    const signature = { roots, atMs: Date.now() + 3_600_000 };
    expect((await verifyVib(vib, nativeCodec, { signature })).findings).toEqual([]);
  },
);

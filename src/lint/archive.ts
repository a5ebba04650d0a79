/**
 * Lint of one archive: what it is, its bytes say.
 *
 *   zip              a bundle           bundle.ts
 *   gzip, …   ar     a VIB              vib.ts
 *             tar    of local.tgz only  the state of a host: state.ts
 *                    of anything else   a tardisk: tar.ts
 */

import { u32 } from '../base/bytes.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import { isAr } from '../format/ar.ts';
import { isVisorHeader } from '../format/tar-header.ts';
import { headOf, isTar, whatItIs } from '../layer/plain.ts';
import { lintBundle } from './bundle.ts';
import type { LintContext, LintKind } from './context.ts';
import type { Findings } from './findings.ts';
import { peel } from './layers.ts';
import { isState, LOCAL_FILE, lintLocal, lintState } from './state.ts';
import { lintTar } from './tar.ts';
import { lintVib } from './vib.ts';

const WANTED = 'wanted is a tar, a visor tar, a VIB, a bundle or a state';

const ZIP_MEMBER = 0x04034b50;
const ZIP_END = 0x06054b50;

/** Whether it is wrong that something is no archive. */
export type Expectation = 'wanted' | 'possible';

/** Looks at the archive in `source`, which stays open; returns what it is. */
export async function lintArchive(
  source: Source,
  context: LintContext,
  findings: Findings,
  expectation: Expectation = 'wanted',
): Promise<LintKind> {
  if (isZip(headOf(source))) {
    await lintBundle(source, context, findings);
    return 'bundle';
  }
  const plain = await peel(source, context.codec, decodedLimitBytes(source.size), findings);
  if (plain === null) return 'unknown';
  const head = headOf(plain);
  if (isAr(head)) {
    await lintVib(plain, context, findings);
    return 'vib';
  }
  if (isTar(plain)) return lintTarKind(plain, source.name, context, findings);
  if (expectation === 'wanted') findings.add('not-an-archive', whatItIs(head, WANTED));
  return 'unknown';
}

/** Whether `bytes` start as a zip does: with a member, or with the end of an empty one. */
function isZip(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const start = u32(bytes, 0);
  return start === ZIP_MEMBER || start === ZIP_END;
}

async function lintTarKind(
  plain: Source,
  name: string,
  context: LintContext,
  findings: Findings,
): Promise<LintKind> {
  if (isState(plain)) {
    await lintState(plain, context, findings);
    return 'state';
  }
  if (name.split('/').at(-1) === LOCAL_FILE) {
    lintLocal(plain, context, findings);
    return 'state';
  }
  lintTar(plain, findings, 'tardisk');
  return isVisorHeader(headOf(plain), 0) ? 'visor tar' : 'tar';
}

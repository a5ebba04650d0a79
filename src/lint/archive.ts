/**
 * Lint of one archive: what it is, its bytes say.
 *
 *   zip              a bundle           bundle.ts
 *   gzip, …   ar     a VIB              vib.ts
 *             tar    of local.tgz only  the state of a host: state.ts
 *                    of anything else   a tardisk: tar.ts
 */

import { decodedLimitBytes } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import { isAr } from '../format/ar-start.ts';
import { isVisorHeader } from '../format/tar-header.ts';
import { isZip } from '../format/zip-start.ts';
import { headOf, isTar, whatItIs } from '../layer/plain.ts';
import { lintBundle } from './bundle.ts';
import type { LintContext, LintKind } from './context.ts';
import type { Findings } from './findings.ts';
import { peel } from './layers.ts';
import { isState, LOCAL_FILE, lintLocal, lintState } from './state.ts';
import { lintTar } from './tar.ts';
import { lintVib } from './vib.ts';

const WANTED = 'wanted is a tar, a visor tar, a VIB, a bundle or a state';

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

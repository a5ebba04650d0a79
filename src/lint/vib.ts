/**
 * Lint of a VIB: whether it holds, its descriptor, its payloads.
 *
 * Whether it holds is asked of software/verify.ts, whose findings are rules here by the same words.
 */

import { latin1 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import { bytesSource, type Source } from '../base/source.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { headOf, isTar, whatItIs } from '../layer/plain.ts';
import { isTardiskPayload } from '../layer/vib.ts';
import {
  DESCRIPTOR_MEMBER,
  SIGNATURE_MEMBER,
  type VibPackage,
  vibPackageIn,
} from '../layer/vib-package.ts';
import { acceptanceLevel } from '../software/acceptance.ts';
import { type VibVerification, verifyVib } from '../software/verify.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';
import { peel } from './layers.ts';
import { bankName } from './neighbours.ts';
import { lintTar } from './tar.ts';

const MISSPELT = '<compatbileWith';
const RESTRICTED_TAG = 'RestrictStickyFiles';
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const NAME = /^[A-Za-z0-9-]+$/;
const VENDOR = /^[A-Za-z0-9_-]+$/;
/** A payload that keeps its name on the bank, but for - that becomes _. */
const BANK_NAME = /^[A-Za-z0-9_-]{1,8}$/;
const VERSION = /^[A-Za-z0-9.]+-[A-Za-z0-9.]+$/;

/** Looks at the VIB in `plain`, which is an ar; `verification` is what is known of it. */
export async function lintVib(
  plain: Source,
  context: LintContext,
  findings: Findings,
  verification: VibVerification | null = null,
): Promise<void> {
  try {
    const vib = vibPackageIn(plain);
    lintHold(verification ?? (await verified(vib, context)), context, findings);
    await lintPackage(vib, context, findings);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
  }
}

async function lintPackage(
  vib: VibPackage,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  lintDescriptor(vib, findings);
  lintMembers(vib, context, findings);
  let left = decodedLimitBytes(vib.source.size);
  for (const payload of vib.descriptor.payloads.filter(isTardiskPayload)) {
    const stored = vib.stored(payload.name);
    // That it is missing was told.
    if (stored === null) continue;
    const within = findings.within(payload.name);
    const source = bytesSource(stored, `${vib.source.name}!${payload.name}`);
    const plain = await peel(source, context.codec, left, within);
    if (plain === null) continue;
    // Decoders take no limit of nothing at all.
    left = Math.max(1, left - plain.size);
    if (isTar(plain)) lintPayload(vib.descriptor, lintTar(plain, within, 'tardisk'), within);
    else within.add('not-an-archive', whatItIs(headOf(plain), 'wanted is a tar or visor tar'));
  }
  context.neighbours.meet(vib.descriptor, findings);
}

function lintPayload(
  { tags }: VibDescriptor,
  { sticky }: ReturnType<typeof lintTar>,
  findings: Findings,
): void {
  if (!tags.includes(RESTRICTED_TAG)) return;
  for (const place of sticky) {
    findings.add('sticky-restricted', `it is sticky, and the VIB has the tag`, { place });
  }
}

function lintDescriptor({ descriptor, descriptorBytes }: VibPackage, findings: Findings): void {
  const { name, vendor, version, releaseDate } = descriptor;
  const place = DESCRIPTOR_MEMBER;
  const misspelt = latin1(descriptorBytes, 0, descriptorBytes.length).indexOf(MISSPELT);
  if (misspelt >= 0) {
    findings.add('descriptor-misspelt', 'it says compatbileWith', { place, offset: misspelt });
  }
  if (releaseDate !== '' && !DATE.test(releaseDate)) {
    findings.add('descriptor-date', `release-date is '${releaseDate}'`, { place });
  }
  if (!NAME.test(name)) findings.add('descriptor-name', `name is '${name}'`, { place });
  if (!VENDOR.test(vendor)) findings.add('descriptor-name', `vendor is '${vendor}'`, { place });
  if (!VERSION.test(version)) {
    findings.add('descriptor-version', `version is '${version}'`, { place });
  }
}

function lintMembers(
  { descriptor, members }: VibPackage,
  { stageBytes }: LintContext,
  findings: Findings,
): void {
  const [first, second] = members;
  if (first?.name !== DESCRIPTOR_MEMBER || second?.name !== SIGNATURE_MEMBER) {
    const start = members.slice(0, 2).map((member) => member.name);
    findings.add('vib-layout', `it starts with ${start.join(', ')}`);
  }
  for (const { name } of descriptor.payloads) {
    if (BANK_NAME.test(name)) continue;
    findings.add('payload-name', `it becomes ${bankName(name)} on the bank`, { place: name });
  }
  const bytes = members.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= stageBytes) return;
  findings.add('stage-size', `it has ${bytes} bytes, the ramdisk that stages it ${stageBytes}`);
}

function verified(vib: VibPackage, { codec, signature }: LintContext): Promise<VibVerification> {
  return verifyVib(vib, codec, signature === undefined ? {} : { signature });
}

function lintHold(
  { findings: found, signature: verdict }: VibVerification,
  { signature }: LintContext,
  findings: Findings,
): void {
  const isUnasked = verdict.status === 'untrusted' && (signature?.roots ?? []).length === 0;
  for (const { code, subject, message } of found) {
    // Told with its place in the payload.
    if (code === 'payload-unreadable') continue;
    // Whom to trust nobody said: then a signature over these bytes is all that can be asked.
    const isProof = code === 'acceptance-level' && acceptanceLevel(subject) !== null;
    if (isProof && isUnasked) continue;
    findings.add(`vib-${code}`, message, { place: subject });
  }
}

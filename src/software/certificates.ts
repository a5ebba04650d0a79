/**
 * X.509 certificates: read, named, and chained.
 *
 *   signer  ◄── issued by ──  intermediate  ◄── …  ◄── a root that the user named
 *
 * A chain holds where each certificate is good at one time, each but the first may issue others
 * (basicConstraints, keyUsage, the length of the path), each is signed by the next, and none has a
 * critical extension beyond those that are looked at here. It ends at the first certificate that
 * the user named, be it a root, an intermediate or the signer's own.
 *
 * The walk is ours and not pkijs's: that one follows certificates that issued each other in a
 * circle without end.
 */

import {
  BasicConstraints,
  Certificate,
  type CryptoEngine,
  type Extension,
  type RelativeDistinguishedNames,
} from 'pkijs';
import { sameBytes } from '../base/bytes.ts';
import { pemBlocks } from '../format/pem.ts';

const COMMON_NAME = '2.5.4.3';
const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
/** Extensions that say nothing against what is done here, or are looked at. */
const UNDERSTOOD: ReadonlySet<string> = new Set([KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE]);

/** Bits of keyUsage, in its first byte. */
const DIGITAL_SIGNATURE = 0x80;
const NON_REPUDIATION = 0x40;
const CERTIFICATE_SIGNING = 0x04;

/** The certificates in `bytes`: one in DER, or those of a PEM. What is none is left out. */
export function certificatesIn(bytes: Uint8Array): Certificate[] {
  const blocks = pemBlocks(bytes).filter(({ label }) =>
    /^(X509 |TRUSTED )?CERTIFICATE$/.test(label),
  );
  const candidates = blocks.length > 0 ? blocks.map((block) => block.bytes) : [bytes];
  return candidates.flatMap((der) => {
    const certificate = parsed(der);
    return certificate === null ? [] : [certificate];
  });
}

function parsed(der: Uint8Array): Certificate | null {
  try {
    return Certificate.fromBER(der as Uint8Array<ArrayBuffer>);
  } catch {
    // pkijs throws where these bytes are no certificate, and nothing else is asked.
    return null;
  }
}

/** The common name in `name`, or all of it where it has none. */
export function shownName({ typesAndValues }: RelativeDistinguishedNames): string {
  const shown = (value: { valueBlock: { value?: unknown } }): string =>
    String(value.valueBlock.value);
  const common = typesAndValues.find(({ type }) => type === COMMON_NAME);
  if (common !== undefined) return shown(common.value);
  return typesAndValues.map(({ type, value }) => `${type}=${shown(value)}`).join(', ');
}

/**
 * The root of `roots` that vouches for `signer` at the time `atMs`, by way of `others`; or why none
 * does, in a sentence.
 */
export async function rootOf(
  signer: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
  atMs: number,
  engine: CryptoEngine,
): Promise<Certificate | string> {
  if (roots.length === 0) return 'no root was named to trust';
  const objection = wrongOf(signer, atMs) ?? notForSigning(signer);
  if (objection !== null) return objection;
  const reached = new Set<Certificate>([signer]);
  let why: string | null = null;
  const climb = async (certificate: Certificate, below: number): Promise<Certificate | null> => {
    const root = roots.find((one) => isSame(one, certificate));
    if (root !== undefined) return root;
    for (const issuer of [...roots, ...others]) {
      if (reached.has(issuer) || !certificate.issuer.isEqual(issuer.subject)) continue;
      if (!(await isSignedBy(certificate, issuer, engine))) continue;
      reached.add(issuer);
      const wrong = wrongOf(issuer, atMs) ?? mayNotIssue(issuer, below, roots.includes(issuer));
      if (wrong === null) {
        const found = await climb(issuer, below + 1);
        if (found !== null) return found;
      } else why ??= wrong;
    }
    const [by, of] = [shownName(certificate.issuer), shownName(certificate.subject)];
    why ??= `'${by}', who issued the certificate of '${of}', is no root that was named`;
    return null;
  };
  return (await climb(signer, 0)) ?? why!;
}

function isSame(one: Certificate, other: Certificate): boolean {
  return sameBytes(one.tbsView, other.tbsView);
}

async function isSignedBy(
  certificate: Certificate,
  issuer: Certificate,
  engine: CryptoEngine,
): Promise<boolean> {
  try {
    return await certificate.verify(issuer, engine);
  } catch {
    // A key or an algorithm that the runtime does not have: then nothing is shown.
    return false;
  }
}

/** What speaks against `certificate` at `atMs`, whatever it is used for. */
function wrongOf(certificate: Certificate, atMs: number): string | null {
  const name = `the certificate of '${shownName(certificate.subject)}'`;
  const [from, to] = [certificate.notBefore.value, certificate.notAfter.value];
  if (atMs < from.getTime()) return `${name} is not good before ${day(from)}`;
  if (atMs > to.getTime()) return `${name} expired on ${day(to)}`;
  const unknown = certificate.extensions?.find(
    (one) => one.critical && !UNDERSTOOD.has(one.extnID),
  );
  if (unknown !== undefined) return `${name} has a critical extension ${unknown.extnID}`;
  return null;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function notForSigning(certificate: Certificate): string | null {
  const usage = usageOf(certificate);
  if (usage === null || (usage & (DIGITAL_SIGNATURE | NON_REPUDIATION)) !== 0) return null;
  return `the certificate of '${shownName(certificate.subject)}' is not for signatures`;
}

/** Why `issuer` may not issue a certificate that has `below` issuers below it. */
function mayNotIssue(issuer: Certificate, below: number, isRoot: boolean): string | null {
  const name = `the certificate of '${shownName(issuer.subject)}'`;
  // Roots of the first version have no extensions that could say so; the user says it for them.
  if (isRoot && issuer.version === 0) return null;
  const constraints = extensionOf(issuer, BASIC_CONSTRAINTS)?.parsedValue;
  const isAuthority = constraints instanceof BasicConstraints && constraints.cA;
  if (!isAuthority) return `${name} is not one that may issue others`;
  const usage = usageOf(issuer);
  if (usage !== null && (usage & CERTIFICATE_SIGNING) === 0) return `${name} is not for issuing`;
  const { pathLenConstraint: most } = constraints;
  if (most !== undefined && below > Number(most)) return `${name} is too far from the signer`;
  return null;
}

function extensionOf({ extensions }: Certificate, id: string): Extension | undefined {
  return extensions?.find(({ extnID }) => extnID === id);
}

function usageOf(certificate: Certificate): number | null {
  const extension = extensionOf(certificate, KEY_USAGE);
  if (extension === undefined) return null;
  const bits = (extension.parsedValue as { valueBlock?: { valueHexView?: Uint8Array } } | undefined)
    ?.valueBlock?.valueHexView;
  return bits?.[0] ?? 0;
}

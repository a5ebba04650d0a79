/**
 * A detached CMS SignedData, checked: what signature.ts loads with the first signature.
 *
 * Of pkijs, three things are to be known: where the digest of the content is another, it throws;
 * where the signature is, it says false: both are «invalid» here. And it prefers content within the
 * signature to the one that it is given, so a signature that brings its own is refused.
 */

import { Certificate, ContentInfo, CryptoEngine, SignedData, type SignerInfo } from 'pkijs';
import { CERTIFICATES_MAX_COUNT } from '../base/limits.ts';
import { certificatesIn, rootOf, shownName } from './certificates.ts';
import { bareVerdict, type SignatureVerdict } from './signature.ts';

export { certificatesIn };

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const SIGNING_TIME = '1.2.840.113549.1.9.5';

/** WebCrypto as pkijs wants it. */
export function cryptoEngine(): CryptoEngine {
  return new CryptoEngine({ name: 'webcrypto', crypto: globalThis.crypto });
}

/**
 * What the signature `der` over `content` is worth, where `roots` are trusted. Each of several
 * signers must have signed these bytes; one that is trusted suffices.
 */
export async function checkCms(
  der: Uint8Array,
  content: Uint8Array,
  roots: readonly Certificate[],
  atMs: number,
): Promise<SignatureVerdict> {
  const signedData = signedDataIn(der);
  if (signedData === null) return bareVerdict('invalid', 'it is no CMS signature');
  const { signerInfos, certificates = [], encapContentInfo } = signedData;
  if (encapContentInfo.eContent !== undefined) {
    return bareVerdict('invalid', 'it brings content of its own, where it must be detached');
  }
  if (signerInfos.length === 0) return bareVerdict('invalid', 'nobody is named as its signer');
  if (certificates.length > CERTIFICATES_MAX_COUNT || signerInfos.length > CERTIFICATES_MAX_COUNT) {
    return bareVerdict('invalid', `it has more than ${CERTIFICATES_MAX_COUNT} certificates`);
  }
  const others = certificates.filter((one) => one instanceof Certificate);
  const engine = cryptoEngine();
  const verdicts: SignatureVerdict[] = [];
  for (const [index, info] of signerInfos.entries()) {
    const signer = await signerOf(signedData, index, content, engine);
    if (typeof signer === 'string') return bareVerdict('invalid', signer);
    const said = signingTimeOf(info);
    const time = { atMs: said ?? atMs, atFrom: said === null ? 'given' : 'signing time' } as const;
    const root = await rootOf(signer, others, roots, time.atMs, engine);
    verdicts.push(verdictOf(signer, root, time));
  }
  return verdicts.find(({ status }) => status === 'trusted') ?? verdicts[0]!;
}

/** What `root`, or the reason why there is none, makes of a right signature of `signer`. */
function verdictOf(
  signer: Certificate,
  root: Certificate | string,
  time: Pick<SignatureVerdict, 'atMs' | 'atFrom'>,
): SignatureVerdict {
  const name = shownName(signer.subject);
  if (typeof root === 'string') {
    return { status: 'untrusted', reason: root, signer: name, trustedBy: null, ...time };
  }
  const trustedBy = shownName(root.subject);
  const reason = `'${trustedBy}' vouches for '${name}'`;
  return { status: 'trusted', reason, signer: name, trustedBy, ...time };
}

function signedDataIn(der: Uint8Array): SignedData | null {
  try {
    const { contentType, content } = ContentInfo.fromBER(der as Uint8Array<ArrayBuffer>);
    return contentType === SIGNED_DATA ? new SignedData({ schema: content }) : null;
  } catch {
    // pkijs throws errors of many kinds where bytes are not what it reads: it is all one.
    return null;
  }
}

/** Whose signature over `content` the one at `index` is; or what is wrong with it. */
async function signerOf(
  signedData: SignedData,
  index: number,
  content: Uint8Array,
  engine: CryptoEngine,
): Promise<Certificate | string> {
  try {
    const data = content.slice().buffer;
    const { signatureVerified, signerCertificate } = await signedData.verify(
      { signer: index, data, checkChain: false, extendedMode: true },
      engine,
    );
    if (signatureVerified === true && signerCertificate) return signerCertificate;
    return 'the signature does not fit the key of its signer';
  } catch (error) {
    const { message } = error as Error;
    if (/digest doesn't match/.test(message)) return 'it is over other bytes than this descriptor';
    return `it cannot be checked: ${message}`;
  }
}

/** The time that the signer says to have signed at, in ms since 1970. */
function signingTimeOf({ signedAttrs }: SignerInfo): number | null {
  const attribute = signedAttrs?.attributes.find(({ type }) => type === SIGNING_TIME);
  const value = attribute?.values[0] as { toDate?: () => Date } | undefined;
  const time = value?.toDate?.().getTime();
  return time === undefined || Number.isNaN(time) ? null : time;
}

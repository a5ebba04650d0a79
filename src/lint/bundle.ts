/**
 * Lint of an offline bundle, or of a depot anywhere: whether its metadata holds, and the VIBs in
 * it beside each other.
 *
 * Whether it holds is asked of software/verify-depot.ts. A zip that is no bundle may still have
 * VIBs, which are looked at by their names.
 */

import { CorruptError, ForeignError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import { zipEntries } from '../format/zip.ts';
import { openZipEntry } from '../layer/zip.ts';
import { INDEX_PATH, openDepot } from '../software/depot.ts';
import { type DepotSource, openInDepot, zipDepot } from '../software/depot-source.ts';
import type { VibVerification } from '../software/verify.ts';
import { verifyDepot } from '../software/verify-depot.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';
import { lintVib } from './vib.ts';

/** A zip that may be the bundle, and no part of one that has lost its index. */
const INNER_ZIP = /(?<!metadata)\.zip$/i;

/** Looks at the zip in `source`. */
export async function lintBundle(
  source: Source,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  const { codec } = context;
  try {
    const entries = zipEntries(source).filter(({ kind }) => kind === 'file');
    const isBundle = entries.some(({ name }) => name === INDEX_PATH);
    const zips = entries.filter(({ name }) => INNER_ZIP.test(name));
    const [inner] = zips;
    if (!isBundle && inner !== undefined && zips.length === 1) {
      const { name } = inner;
      findings.add('bundle-nested', `the bundle is in it, as '${name}'`, { place: name });
      const place = zipDepot(openZipEntry(source, inner, codec), codec);
      await lintPlace(place, context, findings.within(name));
    } else await lintPlace(zipDepot(source, codec), context, findings);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
  }
}

/** Looks at the depot in `place`, which stays open. */
export async function lintPlace(
  place: DepotSource,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  const vibs = await lintDepot(place, context, findings);
  const paths = vibs === null ? ((await place.list()) ?? []) : [...vibs.keys()];
  for (const path of paths.filter((one) => vibs !== null || one.endsWith('.vib'))) {
    await lintVibAt(place, path, vibs?.get(path) ?? null, context, findings.within(path));
  }
}

async function lintVibAt(
  place: DepotSource,
  path: string,
  verification: VibVerification | null,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  let vib: Source | null = null;
  try {
    // The metadata gave the path, which may lead out of the depot.
    vib = await openInDepot(place, path);
    if (vib !== null) await lintVib(vib, context, findings, verification);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
  } finally {
    vib?.close();
  }
}

/** What is known of the VIBs by their paths; null where the chain to them is broken. */
async function lintDepot(
  place: DepotSource,
  { codec, signature }: LintContext,
  findings: Findings,
): Promise<Map<string, VibVerification | null> | null> {
  // The place outlives the depot: it is looked at again, VIB by VIB.
  const kept = { ...place, close: () => undefined };
  try {
    const depot = await openDepot(kept, codec);
    const options = signature === undefined ? {} : { signature };
    const { vibs, findings: found } = await verifyDepot(depot, codec, options);
    for (const { subject, message } of found) {
      findings.add('bundle-metadata', message, { place: subject });
    }
    for (const { vib, findings: ofVib } of vibs) {
      for (const { code, message } of ofVib) {
        // Told with its place in the VIB.
        if (code === 'vib-unreadable') continue;
        findings.add('bundle-metadata', message, { place: vib.path });
      }
    }
    return new Map(vibs.map(({ vib, verification }) => [vib.path, verification]));
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    if (error instanceof ForeignError) findings.add('bundle-metadata', error.claim);
    else findings.corrupt(error);
    return null;
  }
}

/**
 * Lint of an offline bundle: whether its metadata holds, and the VIBs in it beside each other.
 *
 * Whether it holds is asked of software/verify-depot.ts. A zip that is no bundle may still have
 * VIBs, which are looked at by their names.
 */

import { CorruptError, ForeignError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import { zipEntries } from '../format/zip.ts';
import { openZipEntry } from '../layer/zip.ts';
import { INDEX_PATH, openDepot } from '../software/depot.ts';
import { type DepotSource, zipDepot } from '../software/depot-source.ts';
import type { VibVerification } from '../software/verify.ts';
import { verifyDepot } from '../software/verify-depot.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';
import { lintVib } from './vib.ts';

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
    const zips = entries.filter(({ name }) => name.toLowerCase().endsWith('.zip'));
    const [inner] = zips;
    if (!isBundle && inner !== undefined && zips.length === 1) {
      const { name } = inner;
      findings.add('bundle-nested', `the bundle is in it, as '${name}'`, { place: name });
      await lintZip(openZipEntry(source, inner, codec), context, findings.within(name));
    } else await lintZip(source, context, findings);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
  }
}

async function lintZip(source: Source, context: LintContext, findings: Findings): Promise<void> {
  const place = zipDepot(source, context.codec);
  const vibs = await lintDepot(place, context, findings);
  const paths = vibs === null ? (await place.list())! : [...vibs.keys()];
  for (const path of paths.filter((one) => vibs !== null || one.endsWith('.vib'))) {
    const within = findings.within(path);
    try {
      const vib = await place.open(path);
      if (vib !== null) await lintVib(vib, context, within, vibs?.get(path) ?? null);
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      within.corrupt(error);
    }
  }
}

/** What is known of the VIBs by their paths; null where the chain to them is broken. */
async function lintDepot(
  place: DepotSource,
  { codec, signature }: LintContext,
  findings: Findings,
): Promise<Map<string, VibVerification | null> | null> {
  // The zip outlives the depot: it is looked at again, VIB by VIB.
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

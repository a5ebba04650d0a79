/**
 * Lint of an offline bundle: whether its metadata holds, and the VIBs in it beside each other.
 */

import { CorruptError } from '../base/errors.ts';
import type { Source } from '../base/source.ts';
import { type ZipEntry, zipEntries } from '../format/zip.ts';
import { openZipEntry } from '../layer/zip.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';
import { lintVib } from './vib.ts';

const INDEX = 'index.xml';

/** Looks at the zip in `source`. */
export async function lintBundle(
  source: Source,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  try {
    await lintZip(source, context, findings);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.corrupt(error);
  }
}

async function lintZip(source: Source, context: LintContext, findings: Findings): Promise<void> {
  const entries = zipEntries(source).filter(({ kind }) => kind === 'file');
  const inner = nestedIn(entries);
  if (inner !== null) {
    findings.add('bundle-nested', `the bundle is '${inner.name}' in it`, { place: inner.name });
    const nested = openZipEntry(source, inner, context.codec);
    await lintZip(nested, context, findings.within(inner.name));
    return;
  }
  if (!entries.some(({ name }) => name === INDEX)) {
    findings.add('bundle-metadata', `it has no ${INDEX}`);
  }
  for (const entry of entries.filter(({ name }) => name.endsWith('.vib'))) {
    const within = findings.within(entry.name);
    try {
      const vib = openZipEntry(source, entry, context.codec);
      await lintVib(vib, context, within);
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      within.corrupt(error);
    }
  }
}

/** The one zip of `entries` where they have no index: the bundle, packed once more. */
function nestedIn(entries: readonly ZipEntry[]): ZipEntry | null {
  if (entries.some(({ name }) => name === INDEX)) return null;
  const [only, ...others] = entries.filter(({ name }) => name.toLowerCase().endsWith('.zip'));
  return only !== undefined && others.length === 0 ? only : null;
}

/**
 * Archives that other people's tools made, read as other people's tools read them.
 *
 * Every ordinary tar of the corpus was listed by GNU tar, bsdtar and Python. Where the three agree
 * we must agree too: on the count of entries, or on refusing. Where they do not, there is no
 * oracle, and a table says what we do and with whom.
 */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { corpusPath } from '../support/corpus.ts';

type Verdict = number | 'refused';

/** Where the three readers disagree: what we do and why. */
const OURS: Readonly<Record<string, Verdict>> = {
  // A name of no bytes. GNU tar and Python take it, bsdtar does not; layer/ is the one to refuse.
  'empty_filename.tar': 1,
  // Directories, links and devices with a size and no data: only GNU tar looks for some.
  'hdr-only.tar': 16,
  // Two pax headers in a row: bsdtar refuses, GNU tar and Python add them up.
  'pax-multi-hdrs.tar': 1,
  // A record without a newline: only Python lets it pass.
  'pax-bad-hdr-file.tar': 'refused',
  // A NUL in a key that nobody needs: as Python we do not look at it.
  'pax-nul-xattrs.tar': 1,
  // A pax header and nothing behind it: GNU tar lists nothing and is content.
  'pax-path-hdr.tar': 'refused',
  // bsdtar lists all 39 and then complains of one.
  'testtar.tar': 39,
};

interface Oracle {
  readonly path: string;
  readonly agreed: Verdict | null;
}

function oracles(): Oracle[] {
  const table = corpusPath('tar', 'oracles.tsv');
  if (table === null) return [];
  const lines = readFileSync(table, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path, , gnuRc, gnu, bsdRc, bsd, python] = line.split('\t');
    const counts = [gnuRc === '0' && gnu, bsdRc === '0' && bsd, /^ok:(\d+)$/.exec(python!)?.[1]];
    const accepted = counts.filter((count) => typeof count === 'string');
    if (accepted.length === 0) return { path: path!, agreed: 'refused' };
    const isOneVoice = accepted.length === 3 && new Set(accepted).size === 1;
    return { path: path!, agreed: isOneVoice ? Number(accepted[0]) : null };
  });
}

function verdict(path: string): Verdict {
  const stored = readFileSync(path);
  const bytes = /gz$/.test(path) ? gunzipSync(stored) : stored;
  try {
    return tarEntries(bytesSource(new Uint8Array(bytes), basename(path))).length;
  } catch (error) {
    if (error instanceof CorruptError) return 'refused';
    throw error;
  }
}

describe.skipIf(oracles().length === 0)('tars of the corpus', () => {
  for (const { path, agreed } of oracles()) {
    const file = basename(path);
    const ours = OURS[file];
    const want = ours ?? agreed;
    // xz and bzip2 are not undone by anything that node brings along.
    test.skipIf(/\.(xz|bz2)$/.test(path))(`${file}: ${want}`, () => {
      expect(verdict(corpusPath(...path.split('/'))!)).toBe(want);
    });
  }
});

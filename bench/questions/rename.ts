/**
 * What it costs to rename a directory that holds 10,000 files of the image.
 *
 * Claim: a rename changes two names, whatever lies below.
 * Yardstick: one entry of a Map taken out and one put in.
 */

import { contentOf, FLAT_DIRECTORY } from '../archives.ts';
import { batched } from '../clock.ts';
import { ANCHORS, subjectOf } from '../peers.ts';
import { limit, type Question, timed } from '../question.ts';
import { check, checkBytes } from '../verify.ts';

const RENAMES = 40;
const MICROSECOND = 1000;

/** rename of a large directory, there and back. */
export const rename: Question = {
  name: 'rename',
  chapter: 'Writes',
  claim: 'a rename of a directory changes two names, whatever lies below it',
  kind: 'steady',
  peers: ANCHORS,
  targets: [limit(10 * MICROSECOND, 'ns', 'rename a directory of 10,000')],
  archives: ['many.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'many');
    const { fs, root } = subject;
    const home = root + FLAT_DIRECTORY;
    const away = `${home}-away`;
    const { files } = shelf.manifest('many');
    const file = files.find(({ path }) => path.startsWith(`${FLAT_DIRECTORY}/`))!;
    const name = file.path.slice(FLAT_DIRECTORY.length);
    const nanoseconds = await batched(scale, RENAMES, {
      run: () => {
        for (let turn = 0; turn < RENAMES; turn += 2) {
          fs.renameSync(home, away);
          fs.renameSync(away, home);
        }
      },
      verify: () => {
        fs.renameSync(home, away);
        check(!fs.existsSync(home), 'a directory that has another name');
        checkBytes(fs.readFileSync(away + name), contentOf(file), 'a file below it');
        fs.renameSync(away, home);
      },
    });
    subject.close();
    return [timed('rename a directory of 10,000', nanoseconds)];
  },
};

// A repository made, grown, branched, merged, checked out and packed by isomorphic-git.

import git from 'isomorphic-git';
import { test } from 'vitest';
import { everything, onBoth } from './both.ts';

const FILES = 500;
const AUTHOR = {
  name: 'Ann',
  email: 'ann@example.org',
  timestamp: 1_700_000_000,
  timezoneOffset: 0,
};

test('isomorphic-git keeps a repository of 500 files', () =>
  onBoth({ 'seed.txt': 'seed\n' }, async ({ fs, at, step, tell }) => {
    const repository = { fs, dir: at };
    const commit = (message: string): Promise<string> =>
      git.commit({ ...repository, message, author: AUTHOR, committer: AUTHOR });
    step('init');
    await git.init({ ...repository, defaultBranch: 'main' });
    step('add');
    for (let index = 0; index < FILES; index++) {
      const folder = `${at}/d${index % 10}/e${index % 7}`;
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(`${folder}/f${index}`, `content of ${index}\n`);
    }
    await git.add({ ...repository, filepath: '.' });
    step('commit');
    tell(await commit('all of it'));
    step('branch');
    await git.branch({ ...repository, ref: 'feature', checkout: true });
    fs.writeFileSync(`${at}/d0/e0/f0`, 'changed on the branch\n');
    fs.unlinkSync(`${at}/d1/e1/f1`);
    fs.chmodSync(`${at}/seed.txt`, 0o755);
    step('status');
    const matrix = await git.statusMatrix(repository);
    tell(
      matrix.length,
      matrix.filter(([, head, work, stage]) => head !== work || work !== stage),
    );
    await git.add({ ...repository, filepath: ['d0/e0/f0', 'seed.txt'] });
    await git.remove({ ...repository, filepath: 'd1/e1/f1' });
    tell(await commit('changed'));
    step('checkout');
    await git.checkout({ ...repository, ref: 'main' });
    tell(fs.readFileSync(`${at}/d0/e0/f0`, 'utf8'), fs.existsSync(`${at}/d1/e1/f1`));
    fs.writeFileSync(`${at}/new`, 'on main\n');
    await git.add({ ...repository, filepath: 'new' });
    tell(await commit('new on main'));
    step('merge');
    const merged = await git.merge({
      ...repository,
      theirs: 'feature',
      author: AUTHOR,
      committer: AUTHOR,
    });
    tell(merged.oid);
    await git.checkout({ ...repository, ref: 'main' });
    tell(fs.readFileSync(`${at}/d0/e0/f0`, 'utf8'), fs.existsSync(`${at}/d1/e1/f1`));
    step('log');
    tell((await git.log(repository)).map(({ oid, commit: { message } }) => `${oid} ${message}`));
    step('pack');
    const oids = (await git.log(repository)).map(({ oid }) => oid);
    const { filename, packfile } = await git.packObjects({ ...repository, oids, write: false });
    fs.mkdirSync(`${at}/.git/objects/pack`, { recursive: true });
    fs.writeFileSync(`${at}/.git/objects/pack/${filename}`, packfile!);
    tell(filename);
    tell(await git.indexPack({ ...repository, filepath: `.git/objects/pack/${filename}` }));
    tell(await git.listFiles(repository).then((names) => names.length));
    const work = everything(fs, at).filter((line) => !line.startsWith('/.git'));
    tell(work.length, work.slice(0, 20));
  }));

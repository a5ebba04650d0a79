// The door for just-bash against just-bash's own file system in memory: the same commands print the
// same, and end with the same code.

import { Bash, type IFileSystem, InMemoryFs } from 'just-bash';
import { describe, expect, test } from 'vitest';
import { bashFs } from '../../src/doors/just-bash.ts';
import { VisorFs } from '../../src/node.ts';

const FILES = {
  '/home/user/a.txt': 'alpha\nbeta\ngamma\n',
  '/home/user/b.txt': 'beta\ndelta\n',
  '/home/user/data.csv': 'name,age\nann,31\nbob,27\n',
  '/home/user/dir/c.txt': 'charlie\n',
  '/home/user/dir/sub/d.md': '# title\n\ntext\n',
};

const COMMANDS: readonly string[] = [
  'cat a.txt b.txt',
  'cat gone.txt',
  'ls',
  'ls -a dir',
  'ls -1 dir/sub',
  'ls gone',
  'echo hi > new; cat new',
  'echo one > new; echo two >> new; cat new',
  'cat < a.txt',
  'cat <<END > here\nline $((1 + 2))\nEND\ncat here',
  'grep beta a.txt b.txt',
  'grep -r char .',
  'grep -rl e . | sort',
  'grep -c a a.txt',
  'grep nothing a.txt',
  'sed -i s/beta/BETA/ a.txt && cat a.txt',
  'sed -n 2p a.txt',
  "awk -F, 'NR > 1 { print $1, $2 }' data.csv",
  'sort -r a.txt | uniq -c',
  'wc -l a.txt b.txt',
  'head -n 1 a.txt; tail -n 1 a.txt',
  'find . -name "*.txt" | sort',
  'find . -type d | sort',
  'find dir -name d.md -exec cat {} ";"',
  'echo *.txt',
  'echo dir/*/*.md',
  'echo nothing*.here',
  'cp a.txt copy.txt && cat copy.txt',
  'cp -r dir dir2 && find dir2 | sort',
  'cp dir dir3',
  'cp gone.txt x',
  'mv a.txt moved.txt && ls',
  'mv dir moved && find moved | sort',
  'mv gone.txt x',
  'rm b.txt && ls',
  'rm gone.txt',
  'rm -f gone.txt; echo $?',
  'rm dir',
  'rm -r dir && ls',
  'rmdir dir',
  'mkdir one && rmdir one && ls',
  'mkdir -p x/y/z && find x | sort',
  'mkdir dir',
  'mkdir gone/deep',
  'touch new && [ -f new ] && echo made',
  'ln -s a.txt link && cat link && readlink link',
  'ln -s dir dlink && ls dlink && cd dlink && pwd -P',
  'ln -s gone dangling && cat dangling',
  'test -d dir && echo yes; test -e gone || echo no; test -L a.txt || echo plain',
  '[ a.txt -ef a.txt ] && echo same',
  'chmod 600 a.txt && stat -c %a a.txt',
  'chmod +x a.txt && test -x a.txt && echo runs',
  'stat -c "%s %F" a.txt',
  'du -a dir | wc -l',
  'tree dir',
  'cd dir && pwd && cat ../a.txt',
  'cd gone',
  'basename dir/c.txt; dirname dir/c.txt',
  'realpath dir/../a.txt',
  'diff a.txt b.txt',
  'tee t1 < a.txt | cat > t2 && cat t1 t2',
  'cat a.txt | tr a-z A-Z > upper && cat upper',
  'printf "\\x00\\xff\\n" > bin && wc -c < bin && xxd bin',
  'base64 a.txt | base64 -d',
  'md5sum a.txt',
  'for f in *.txt; do echo "$f: $(wc -l < $f)"; done',
  'while read line; do echo "<$line>"; done < b.txt',
  'echo "echo script \\$1" > s.sh && bash s.sh arg',
  'source s.sh; echo $?',
  'tar -cf t.tar dir && rm -r dir && tar -xf t.tar && cat dir/c.txt',
  'gzip a.txt && ls && gunzip a.txt.gz && cat a.txt',
  'split -l 1 a.txt part && ls part*',
  'file a.txt',
  'echo x > /dev/null; echo $?',
  'echo x > dir; echo $?',
  'cat dir',
  'paste a.txt b.txt',
  'ln -s x dir/l; cp -r dir/. copy; cp -r dir/. copy; echo $?; ls copy; readlink copy/l',
  'mv a.txt no/way; echo $?; find . | sort',
  'mv dir no/way; echo $?; find . | sort',
  'mv gone no/way; echo $?; ls',
  'ln -s a.txt no/way; readlink no/way; ln b.txt nor/this; cat nor/this',
  'cp -r dir dir/in; echo $?; find dir | sort',
  'mv dir dir/sub/in; echo $?; find dir | sort',
  'find dir -delete; ls',
  'touch t; ln -sf a.txt t; ln -sf b.txt t; readlink t',
  'set -C; echo 1 > f; echo 2 > f; echo $?; echo 3 >| f; cat f',
  'exec 3> f; echo a >&3; echo b >&3; exec 3>&-; cat f',
  'cat <(echo a) <(echo b)',
  'echo 1 > "näme ☂"; ls; cat n*',
  'comm a.txt b.txt',
  'xargs -n 1 echo < b.txt',
  'jq -n "{a: 1}" > j.json && jq .a j.json',
  'echo $PWD; echo ~',
];

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

async function run(fs: IFileSystem, command: string): Promise<Said> {
  const bash = new Bash({ fs, cwd: '/home/user' });
  for (const [path, content] of Object.entries(FILES)) await fs.writeFile(path, content);
  const { stdout, stderr, exitCode } = await bash.exec(command);
  return { stdout, stderr, exitCode };
}

describe('a command goes on a vfs as it goes on a file system of just-bash', () => {
  test.each(COMMANDS)('%s', async (command) => {
    const theirs = await run(new InMemoryFs(), command);
    const ours = await run(bashFs(new VisorFs()), command);
    expect(ours).toEqual(theirs);
  });
});

test('the door has the shape that just-bash asks for', () => {
  const fs: IFileSystem = bashFs(new VisorFs());
  expect(fs).toBeDefined();
});

test('a command that fills a ramdisk fails and says so, and the shell goes on', async () => {
  const vfs = new VisorFs(undefined, { ramdisks: [{ name: 'work', path: '/work', size: '64kb' }] });
  vfs.fs.writeFileSync('/big', 'x'.repeat(30_000));
  const bash = new Bash({ fs: bashFs(vfs), cwd: '/work' });
  const full = await bash.exec('for i in 1 2 3 4; do cat /big > f$i || exit 7; done');
  expect(full.exitCode).not.toBe(0);
  expect(full.stderr).toMatch(/ENOSPC|space/);
  const after = await bash.exec('rm f1 f2 && echo again > f9 && cat f9');
  expect(after).toMatchObject({ stdout: 'again\n', exitCode: 0 });
});

test('a redirection that does not fit rejects exec, as on a file system of just-bash', async () => {
  const ramdisks = [{ name: 'work', path: '/work', size: '64kb' }];
  const small = bashFs(new VisorFs(undefined, { ramdisks }));
  const theirs = new InMemoryFs({}, { maxTotalBytes: 64 << 10 });
  for (const fs of [small, theirs] as IFileSystem[]) {
    const bash = new Bash({ fs });
    const redirected = bash.exec('seq 1 20000 > /work/numbers');
    await expect(redirected).rejects.toThrow('ENOSPC');
    expect((await bash.exec('cat /work/numbers | wc -c')).stdout.trim()).toBe('0');
  }
});

test('what a user may not, his shell may not', async () => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/home/ann', { recursive: true });
  vfs.fs.chownSync('/home/ann', 1000, 1000);
  vfs.fs.writeFileSync('/secret', 'of root', { mode: 0o600 });
  const root = new Bash({ fs: bashFs(vfs) });
  await root.exec('true');
  const bash = new Bash({ fs: bashFs({ fs: vfs.as({ uid: 1000 }) }), cwd: '/home/ann' });
  expect((await bash.exec('cat /secret')).exitCode).toBe(1);
  expect((await bash.exec('echo mine > note && cat note')).stdout).toBe('mine\n');
  expect(vfs.fs.statSync('/home/ann/note').uid).toBe(1000);
});

test('two names of a file are one file, which they are not to just-bash itself', async () => {
  const said = await run(bashFs(new VisorFs()), 'ln a.txt hard && echo more >> hard && cat a.txt');
  expect(said.stdout).toBe('alpha\nbeta\ngamma\nmore\n');
});

test('all paths are told, and links are not gone through', () => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/a/b', { recursive: true });
  vfs.fs.writeFileSync('/a/f', '');
  vfs.fs.symlinkSync('/a', '/a/loop');
  const paths = bashFs(vfs).getAllPaths();
  expect(paths.sort()).toEqual(['/', '/a', '/a/b', '/a/f', '/a/loop']);
});

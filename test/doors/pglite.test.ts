/**
 * Attacks the door for PGlite with PGlite: what Postgres keeps in a vfs is there again, is counted,
 * ends at the ramdisk's limit, and branches with a fork.
 */

import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PgliteFs } from '../../src/doors/pglite.ts';
import { VisorFs } from '../../src/node.ts';

const ROWS = 10_000;
const SIZE = 26 << 20;
const LOG_SIZE = 64 << 20;

/** A database of one table, at rest; tests are on forks of it. */
let template: VisorFs;
const opened: PGlite[] = [];

const database = async (vfs: VisorFs): Promise<PGlite> => {
  const pg = await PGlite.create({ fs: new PgliteFs(vfs) });
  opened.push(pg);
  return pg;
};

const countIn = async (pg: PGlite): Promise<number> => {
  const { rows } = await pg.query<{ count: number }>('SELECT count(*) FROM rows');
  return rows[0]!.count;
};

const usedBytes = (vfs: VisorFs, ...names: string[]): number =>
  vfs
    .vdf()
    .ramdisks.filter(({ name }) => names.includes(name))
    .reduce((sum, { usedBytes }) => sum + usedBytes, 0);
const allUsed = (vfs: VisorFs): number => usedBytes(vfs, 'database', 'log');

const summedBytes = (vfs: VisorFs): number =>
  vfs.vdu('/pglite').reduce((sum, row) => sum + row.ramdiskBytes, 0);

beforeAll(async () => {
  template = new VisorFs(undefined, {
    ramdisks: [
      { name: 'database', path: '/pglite', size: SIZE },
      { name: 'log', path: '/pglite/pg_wal', size: LOG_SIZE },
    ],
  });
  const pg = await database(template);
  await pg.exec(`
    CREATE TABLE rows (id int PRIMARY KEY, name text NOT NULL);
    INSERT INTO rows SELECT id, 'name ' || id FROM generate_series(1, ${ROWS}) AS id;
    CREATE INDEX by_name ON rows (name)`);
  await pg.close();
}, 60_000);
afterAll(() => Promise.all(opened.filter(({ closed }) => !closed).map((pg) => pg.close())));

test('what was committed is there after a close, and what was rolled back is not', async () => {
  const vfs = template.fork();
  const first = await database(vfs);
  await first.transaction(async (transaction) => {
    await transaction.query("UPDATE rows SET name = 'kept' WHERE id = 1");
  });
  await first.transaction(async (transaction) => {
    await transaction.query("UPDATE rows SET name = 'lost' WHERE id = 2");
    await transaction.rollback();
  });
  await first.close();

  const again = await database(vfs);
  expect(await countIn(again)).toBe(ROWS);
  const { rows } = await again.query('SELECT id FROM rows WHERE name = ANY($1) ORDER BY id', [
    ['kept', 'lost', 'name 2', 'name 3'],
  ]);
  expect(rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  const { rows: plan } = await again.query("EXPLAIN SELECT id FROM rows WHERE name = 'kept'");
  expect(JSON.stringify(plan)).toContain('by_name');
});

test('what it holds is what the ramdisk counts', async () => {
  const vfs = template.fork();
  const before = allUsed(vfs);
  expect(summedBytes(vfs)).toBe(before);
  const pg = await database(vfs);
  await pg.exec('CREATE TABLE copy AS SELECT * FROM rows');
  await pg.exec('CHECKPOINT');
  expect(allUsed(vfs)).toBeGreaterThan(before + ROWS * 20);
  expect(summedBytes(vfs)).toBe(allUsed(vfs));
  const file = await pg.query<{ path: string }>("SELECT pg_relation_filepath('copy') AS path");
  const { size } = vfs.fs.statSync(`/pglite/${file.rows[0]!.path}`);
  const told = await pg.query<{ size: number }>("SELECT pg_relation_size('copy') AS size");
  expect(size).toBe(told.rows[0]!.size);
  await pg.exec('DROP TABLE copy');
  await pg.exec('CHECKPOINT');
  expect(vfs.fs.existsSync(`/pglite/${file.rows[0]!.path}`)).toBe(false);
  expect(summedBytes(vfs)).toBe(allUsed(vfs));
});

// Where the log cannot grow, Postgres panics, and PGlite then never comes back: on the kernel's
// tmpfs as well. So the log has a ramdisk of its own here, and what is full is the tables'.
test('a database that outgrows its ramdisk says so, and stays whole', async () => {
  const vfs = template.fork();
  const pg = await database(vfs);
  await pg.exec('CREATE TABLE large (text text)');
  const grow = async (): Promise<void> => {
    for (;;)
      await pg.exec("INSERT INTO large SELECT repeat('x', 500) FROM generate_series(1, 2000)");
  };
  const full = { code: '53100', message: expect.stringContaining('No space left on device') };
  await expect(grow()).rejects.toMatchObject(full);
  expect(summedBytes(vfs)).toBe(allUsed(vfs));
  expect(usedBytes(vfs, 'database')).toBeLessThanOrEqual(SIZE);
  expect(await countIn(pg)).toBe(ROWS);
  await pg.exec('DROP TABLE large');
  await pg.query("UPDATE rows SET name = 'goes on' WHERE id = 1");
  await pg.close();
  expect(await countIn(await database(vfs))).toBe(ROWS);
});

test('a database that was closed holds nothing open, and gives all back', async () => {
  const vfs = template.fork();
  const pg = await database(vfs);
  await pg.exec('CREATE TABLE more AS SELECT * FROM rows');
  await pg.close();
  for (const place of ['/pglite/pg_wal', '/pglite']) {
    for (const name of vfs.fs.readdirSync(place)) {
      if (name !== 'pg_wal') vfs.fs.rmSync(`${place}/${name}`, { recursive: true });
    }
  }
  const { ramdisks } = vfs.vdf();
  expect(ramdisks.map(({ name, usedInodes }) => [name, usedInodes])).toEqual([
    ['root', 1],
    ['database', 1],
    ['log', 1],
  ]);
  expect(usedBytes(vfs, 'log')).toBe(0);
  // What is left is the name of the log's directory.
  expect(usedBytes(vfs, 'database')).toBeLessThan(100);
});

test('a fork is a second database', async () => {
  const vfs = template.fork();
  const branch = vfs.fork();
  const [pg, other] = [await database(vfs), await database(branch)];
  await pg.exec('DELETE FROM rows WHERE id > 10');
  await other.exec("INSERT INTO rows VALUES (0, 'of the branch')");
  expect([await countIn(pg), await countIn(other)]).toEqual([10, ROWS + 1]);
});

test('a fork of a database that runs has all that was committed', async () => {
  const vfs = template.fork();
  const pg = await database(vfs);
  await pg.exec("INSERT INTO rows VALUES (-1, 'committed')");
  const other = await database(vfs.fork());
  expect(await countIn(other)).toBe(ROWS + 1);
  expect(await countIn(pg)).toBe(ROWS + 1);
});

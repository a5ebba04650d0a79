/**
 * What a program does with the handles of a browser, told call by call: on the browser's own files
 * and on those of a vfs. It runs in a page's worker and in Node, so it imports nothing.
 */

// biome-ignore lint/suspicious/noExplicitAny: the handles are a browser's or ours
type AnyHandle = any;

/** What is told of what is done below `root`, an empty directory; what fails, by its name. */
export async function handleStory(root: AnyHandle): Promise<unknown[]> {
  const told: unknown[] = [];
  const tell = async (what: string, act: () => unknown): Promise<void> => {
    try {
      told.push([what, (await act()) ?? null]);
    } catch (error) {
      told.push([what, 'throws', (error as Error).name]);
    }
  };
  const text = async (handle: AnyHandle): Promise<string> => (await handle.getFile()).text();
  const names = async (handle: AnyHandle): Promise<string[]> => {
    const all: string[] = [];
    // Chromium shows what its writables keep beside the file until they are closed.
    for await (const name of handle.keys()) if (!name.endsWith('.crswap')) all.push(name);
    return all.sort();
  };

  for (const name of ['', '.', '..', 'a/b']) {
    await tell(`file ${name}`, () => root.getFileHandle(name, { create: true }));
    await tell(`directory ${name}`, () => root.getDirectoryHandle(name, { create: true }));
    await tell(`remove ${name}`, () => root.removeEntry(name));
  }
  await tell('a file that is not there', () => root.getFileHandle('f'));
  await tell('a directory that is not there', () => root.getDirectoryHandle('d'));
  await tell('remove what is not there', () => root.removeEntry('f'));
  const file = await root.getFileHandle('f', { create: true });
  const directory = await root.getDirectoryHandle('d', { create: true });
  await tell('kinds and names', () => [file.kind, file.name, directory.kind, directory.name]);
  await tell('a file as directory', () => root.getDirectoryHandle('f'));
  await tell('a directory as file', () => root.getFileHandle('d', { create: true }));
  await tell('an empty file', async () => [
    (await file.getFile()).size,
    (await file.getFile()).name,
  ]);

  const writable = await file.createWritable();
  await tell('write text', () => writable.write('hello'));
  await tell('write bytes', () => writable.write(new Uint8Array([32, 119])));
  await tell('write a blob', () => writable.write(new Blob(['orld'])));
  await tell('write at a position', () =>
    writable.write({ type: 'write', position: 0, data: 'J' }),
  );
  await tell('not there before it is closed', () => text(file));
  await tell('seek', () => writable.seek(20));
  await tell('write behind the end', () => writable.write('!'));
  await tell('truncate', () => writable.truncate(12));
  await tell('write where it stands', () => writable.write('?'));
  await tell('close', () => writable.close());
  await tell('content', async () => [...(await text(file))].map((one) => one.charCodeAt(0)));
  await tell('write when closed', () => writable.write('x'));
  const kept = await file.createWritable({ keepExistingData: true });
  await kept.write('K');
  await kept.close();
  await tell('kept', () => text(file));
  const dropped = await file.createWritable();
  await dropped.write('dropped');
  await tell('abort', () => dropped.abort());
  await tell('content after abort', () => text(file));
  const wrong = await file.createWritable();
  await tell('write what is none', () => wrong.write({ type: 'nothing' }));
  const params = [
    null,
    undefined,
    5,
    {},
    new Date(0),
    ['a'],
    { type: 'write' },
    { type: 'write', data: null },
    { type: 'write', data: 7 },
    { type: 'write', position: null, data: 'null' },
    { type: 'write', position: 1.5, data: 'half' },
    { type: 'write', position: 2 ** 50, data: 'far' },
    { type: 'seek' },
    { type: 'seek', position: null },
    { type: 'seek', position: -1 },
    { type: 'seek', position: 2 ** 50 },
    { type: 'truncate' },
    { type: 'truncate', size: null },
    { type: 'truncate', size: -1 },
    { type: 'truncate', size: '3' },
    { type: 'truncate', size: 2 ** 50 },
  ];
  for (const [index, param] of params.entries()) {
    const one = await file.createWritable();
    await tell(`write wrongly ${index}`, () => one.write(param));
    await tell(`close after ${index}`, () => one.close());
    await tell(`content after ${index}`, () => text(file));
  }
  const open = await file.createWritable();
  await tell('remove beneath a writable', () => root.removeEntry('f'));
  await tell('a sync handle beside a writable', () => file.createSyncAccessHandle());
  await tell('a pipe', () => new Blob(['piped']).stream().pipeTo(open));
  await tell('what was piped', () => text(file));
  const empty = await file.createWritable();
  await empty.close();
  await tell('emptied', () => text(file));

  const deep = await directory.getDirectoryHandle('e', { create: true });
  const leaf = await deep.getFileHandle('g', { create: true });
  await tell('resolve', () => root.resolve(leaf));
  await tell('resolve itself', () => root.resolve(root));
  await tell('resolve upwards', () => deep.resolve(root));
  await tell('same', async () => [
    await leaf.isSameEntry(await deep.getFileHandle('g')),
    await leaf.isSameEntry(file),
    await root.isSameEntry(directory),
  ]);
  await tell('names', () => names(root));
  await tell('entries', async () => {
    const all: string[] = [];
    for await (const [name, handle] of directory) all.push(`${name} ${handle.kind}`);
    return all;
  });
  await tell('remove a directory that is full', () => root.removeEntry('d'));

  const sync = await leaf.createSyncAccessHandle();
  await tell('sync write', () => sync.write(new TextEncoder().encode('abcdef')));
  await tell('sync write at', () => sync.write(new Uint8Array([88]), { at: 2 }));
  await tell('sync size', () => sync.getSize());
  await tell('sync read', () => {
    const bytes = new Uint8Array(8);
    const count = sync.read(bytes, { at: 1 });
    return [count, ...bytes];
  });
  await tell('sync read where it stands', () => sync.read(new Uint8Array(4)));
  await tell('sync truncate', () => sync.truncate(3));
  await tell('sync write of numbers', () => sync.write(new Uint16Array([65, 66]), { at: 5 }));
  await tell('sync truncate to more', () => sync.truncate(12));
  await tell('sync size then', () => sync.getSize());
  await tell('sync read behind the end', () => sync.read(new Uint8Array(4), { at: 40 }));
  await tell('sync read of nothing', () => sync.read(new ArrayBuffer(0)));
  for (const wrong of [-1, Number.NaN, Infinity, 'a']) {
    await tell(`sync truncate to ${wrong}`, () => sync.truncate(wrong));
    await tell(`sync read at ${wrong}`, () => sync.read(new Uint8Array(4), { at: wrong }));
    await tell(`sync write at ${wrong}`, () => sync.write(new Uint8Array(4), { at: wrong }));
  }
  await tell('sync write of text', () => sync.write('text'));
  await tell('sync size at last', () => sync.getSize());
  await tell('sync truncate back', () => sync.truncate(3.7));
  await tell('sync flush', () => sync.flush());
  await tell('a second one', () =>
    deep.getFileHandle('g').then((one: AnyHandle) => one.createSyncAccessHandle()),
  );
  await tell('a writable beside it', () => leaf.createWritable());
  await tell('removed beneath it', () => deep.removeEntry('g'));
  await tell('sync close', () => sync.close());
  await tell('sync close again', () => sync.close());
  await tell('sync read when closed', () => sync.read(new Uint8Array(1)));
  await tell('content after sync', () => text(leaf));

  await tell('remove a tree', () => root.removeEntry('d', { recursive: true }));
  await tell('names then', () => names(root));
  await tell('a file that is gone', () => leaf.getFile());
  await tell('a directory that is gone', () => names(deep));
  await tell('below what is gone', () => deep.getFileHandle('x', { create: true }));
  await tell('a writable of what is gone', () => leaf.createWritable());
  return told;
}

/**
 * What somebody hands to the page: files that were dropped or picked, folders among them.
 */

import type { LayerInput } from '../protocol.ts';

const BOOT_CFG = 'boot.cfg';
/** More than any bank has; a folder of this size is another one than was meant. */
const FILES_MAX_COUNT = 10_000;

/** `files` as layers: a boot.cfg among them makes all of them one bank. */
export function inputsOfFiles(files: readonly File[]): LayerInput[] {
  if (!files.some(({ name }) => name === BOOT_CFG)) {
    return files.map((file) => ({ kind: 'file', name: file.name, file }));
  }
  const byName = new Map<string, Blob>(files.map((file) => [file.name, file]));
  return [{ kind: 'folder', name: 'bank', files: byName }];
}

/** The folder that was picked, by the paths that its `files` have. */
export function inputOfFolder(files: readonly File[]): LayerInput[] {
  const [first] = files;
  if (first === undefined) return [];
  const [name = 'folder'] = first.webkitRelativePath.split('/');
  const pathIn = (file: File): string => file.webkitRelativePath.slice(name.length + 1);
  return [{ kind: 'folder', name, files: new Map(files.map((file) => [pathIn(file), file])) }];
}

/** What was dropped. Must be called while the drop is handled: later there is nothing in it. */
export async function inputsOfDrop(dropped: DataTransfer): Promise<LayerInput[]> {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const folders = entries.filter((entry) => entry?.isDirectory === true);
  const files = [...dropped.files].filter((_file, index) => entries[index]?.isDirectory !== true);
  const opened = folders.map(async (entry): Promise<LayerInput> => {
    const inside = new Map<string, Blob>();
    await collect(entry as FileSystemDirectoryEntry, '', inside);
    return { kind: 'folder', name: entry!.name, files: inside };
  });
  return [...(await Promise.all(opened)), ...inputsOfFiles(files)];
}

async function collect(
  folder: FileSystemDirectoryEntry,
  above: string,
  into: Map<string, Blob>,
): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // It gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) =>
      reader.readEntries(done, fail),
    );
    if (some.length === 0) return;
    for (const entry of some) {
      if (into.size >= FILES_MAX_COUNT) throw new Error(`'${folder.name}' has too many files`);
      const path = above + entry.name;
      if (entry.isDirectory) await collect(entry as FileSystemDirectoryEntry, `${path}/`, into);
      else {
        const file = new Promise<File>((done, fail) =>
          (entry as FileSystemFileEntry).file(done, fail),
        );
        into.set(path, await file);
      }
    }
  }
}

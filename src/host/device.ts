/**
 * The boot device: where the banks of a host are kept.
 *
 * A bank is a folder: boot.cfg, the modules it lists, and state.tgz. What a host asks of it is four
 * verbs, so that a folder, a blob and a device that fails on purpose are each a few lines. Verbs
 * are done in the order in which they are asked for, and each file is there whole or not at all.
 *
 * A bank without boot.cfg is empty: it cannot be booted, and an installation may be put there.
 *
 * Not here: devices over real files (node/folder-device.ts), which bank is booted (bank.ts).
 */

import { VisorError } from '../base/errors.ts';
import { bytesSource, type Source } from '../base/source.ts';

/** One folder of a boot device. */
export interface Bank {
  /** What messages call it: `bootbank`. */
  readonly name: string;
  /** The files in it. */
  list(): Promise<readonly string[]>;
  /** The file `file` as a Source of its own. Throws ENOENT. */
  open(file: string): Promise<Source>;
  /** Puts `bytes` under the name `file` whole or not at all, on the medium when it returns. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  /** Takes the file `file` away, where it is there. */
  remove(file: string): Promise<void>;
}

/** Something to boot from. */
export interface BootDevice {
  /** What messages call it. */
  readonly name: string;
  /** All that can be read as banks, in the order in which a boot loader looks. */
  banks(): Promise<readonly Bank[]>;
  /** Gives back what it holds open, where it holds something. */
  close?(): void;
}

/**
 * A boot device in memory: of one bank, `files` by name, and of another where `others` is given.
 * What is written is seen in them.
 *
 * @example
 * import { readdirSync, readFileSync } from 'node:fs';
 * const names = readdirSync('images/bank');
 * const files = new Map(names.map((name) => [name, readFileSync(`images/bank/${name}`)]));
 * const host = await Host.boot(memoryDevice(files));
 * console.log((await host.rebuild()) === files.get('state.tgz').length); // true
 */
export function memoryDevice(
  files: Map<string, Uint8Array>,
  name = 'memory',
  others?: Map<string, Uint8Array>,
): BootDevice {
  const banks = [memoryBank(name, files)];
  if (others !== undefined) banks.push(memoryBank(`alt${name}`, others));
  return { name, banks: async () => banks };
}

function memoryBank(name: string, files: Map<string, Uint8Array>): Bank {
  return {
    name,
    list: async () => [...files.keys()],
    open: async (file) => {
      const bytes = files.get(file);
      if (bytes === undefined) throw new VisorError('ENOENT', { syscall: 'open', path: file });
      return bytesSource(bytes, file);
    },
    write: async (file, bytes) => {
      files.set(file, bytes.slice());
    },
    remove: async (file) => {
      files.delete(file);
    },
  };
}

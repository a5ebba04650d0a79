/**
 * The boot device: where the banks of a host are kept.
 *
 * A bank is a folder: boot.cfg, the modules it lists, and state.tgz. What a host asks of it is four
 * verbs, so that a folder, a blob and a device that fails on purpose are each a few lines.
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
}

/** Something to boot from. */
export interface BootDevice {
  /** What messages call it. */
  readonly name: string;
  banks(): Promise<readonly Bank[]>;
}

/** A boot device of one bank, in memory: `files` by name. What is written is seen in `files`. */
export function memoryDevice(files: Map<string, Uint8Array>, name = 'memory'): BootDevice {
  const bank: Bank = {
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
  };
  return { name, banks: async () => [bank] };
}

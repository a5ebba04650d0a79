/**
 * Layers, opened and stacked: one live tree.
 *
 *   archive, VIB, bundle   its tardisks on top of what is there
 *   bank, disk image       booted, from an empty tree only, with ESXi's ramdisks
 *   state.tgz              restored over what is there, as a boot does
 *
 * What something is, its bytes say. A layer that cannot be opened leaves everything as it was.
 */

import {
  type BootDevice,
  blobDevice,
  esxRamdisks,
  ForeignError,
  Host,
  isBlob,
  type LintInput,
  openTardisks,
  type StateKey,
  type Tardisk,
  VisorFs,
} from '../../index.ts';
import { type LayerInput, type LayerRow, Refusal } from '../protocol.ts';
import { folderOfBanks } from './banks.ts';
import { blobDisk, blobSource } from './blob-source.ts';
import { gunzipped } from './gunzip.ts';
import { isState, keyOf, plainState } from './states.ts';
import type { Task } from './task.ts';

const ZIP_START = 'PK\x03\x04';

interface Layer {
  readonly id: number;
  readonly name: string;
  readonly kind: LayerRow['kind'];
  readonly tardisks: readonly Tardisk[];
  readonly warnings: readonly string[];
  /** What lint is to look at: made anew each time, since it is closed then. */
  readonly lintInputs: (task: Task) => Promise<LintInput[]>;
}

/** One live tree, and the layers that it is made of. */
export class Stack {
  vfs = new VisorFs();
  host: Host | null = null;
  /** Whether what the host backs up is encrypted. */
  isEncrypted = false;
  readonly #layers: Layer[] = [];
  #lastId = 0;

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The layers as the page has them. */
  rows(): LayerRow[] {
    const all = this.vfs.vdf().tardisks;
    const { tardisks } = this.vfs.image;
    return this.#layers.map(({ id, name, kind, tardisks: own, warnings }) => ({
      id,
      name,
      kind,
      tardisks: own.map((tardisk) => all[tardisks.indexOf(tardisk)]!),
      warnings,
      build: kind === 'bank' ? (this.host?.build ?? null) : null,
    }));
  }

  /**
   * Opens `input` on top, with the key of its state where that is encrypted. Throws CorruptError
   * and ForeignError as the engine, StateError where it takes a key or another one, Refusal for a
   * bank over other layers.
   */
  async add(input: LayerInput, key: string | null, task: Task): Promise<LayerRow> {
    task.step(0, 0, `opening ${input.name}`);
    // Whoever waited for its turn may have been cancelled meanwhile.
    await task.pause();
    const layer = await this.#opened(input, key === null ? undefined : keyOf(key), task);
    this.#layers.push(layer);
    return this.rows().at(-1)!;
  }

  /** Takes the layer `id` away. Throws EBUSY, ENOSPC, and Refusal for what was booted. */
  remove(id: number): void {
    const index = this.#layers.findIndex((layer) => layer.id === id);
    const layer = this.#layers[index];
    if (layer === undefined) return;
    if (layer.kind !== 'archive') {
      throw new Refusal(`'${layer.name}' is what runs here: only Close all takes it away.`);
    }
    this.vfs.exchange(layer.tardisks, []);
    for (const tardisk of layer.tardisks) tardisk.close();
    this.#layers.splice(index, 1);
  }

  /** Takes everything away. */
  clear(): void {
    for (const tardisk of this.vfs.image.tardisks) tardisk.close();
    this.vfs.release();
    this.vfs = new VisorFs();
    this.host = null;
    this.isEncrypted = false;
    this.#layers.length = 0;
  }

  async #opened(input: LayerInput, key: StateKey | undefined, task: Task): Promise<Layer> {
    if (input.kind === 'folder') {
      const { name, files } = input;
      return this.#booted(name, key, (now) => folderOfBanks(name, files, now), task);
    }
    const { file, name } = input;
    if (await isBlob(blobDisk(file, name))) {
      return this.#booted(name, key, () => blobDevice(blobDisk(file, name)), task);
    }
    const plain = await gunzipped(file, name, task);
    const opening = openTardisks(plain ?? blobSource(file, name), { name });
    const tardisks = await opening.catch(async (error) => {
      throw await helped(error, file);
    });
    try {
      // Whoever cancelled is heard here at the latest.
      await task.pause();
      const isOver = isState(tardisks);
      if (isOver) await this.vfs.restore(await plainState(file, key));
      else this.vfs.exchange([], tardisks);
      const lintInputs = async (): Promise<LintInput[]> => [
        { name, archive: blobSource(file, name) },
      ];
      if (!isOver) return this.#layer(name, 'archive', tardisks, lintInputs);
      for (const tardisk of tardisks) tardisk.close();
      return this.#layer(name, 'state', [], lintInputs);
    } catch (error) {
      for (const tardisk of tardisks) tardisk.close();
      throw error;
    }
  }

  /** Boots the device that `open` gives: again for lint, which has pauses of its own. */
  async #booted(
    name: string,
    key: StateKey | undefined,
    open: (task: Task) => BootDevice | Promise<BootDevice>,
    task: Task,
  ): Promise<Layer> {
    if (this.#layers.length > 0) {
      throw new Refusal(
        `'${name}' is a bank, which boots into an empty tree: Close all, open it, then the others.`,
      );
    }
    const warnings: string[] = [];
    const host = await Host.boot(await open(task), {
      ramdisks: esxRamdisks(),
      ...(key === undefined ? {} : { stateKey: key }),
      // What is looked at is not written to, as a boot of its own would.
      dryRun: true,
      onEvent: (event) => {
        // Of a full ramdisk says whoever was refused.
        if (event.severity !== 'info' && !('ramdisk' in event)) warnings.push(event.message);
      },
      onProgress: ({ module, done, count }) => {
        task.step(done, count, `loading ${module}`);
      },
    });
    task.signal.throwIfAborted();
    this.vfs = host.vfs;
    this.host = host;
    this.isEncrypted = key !== undefined;
    const lintInputs = async (now: Task): Promise<LintInput[]> => {
      const banks = await (await open(now)).banks();
      return banks.map((bank) => ({ name: bank.name, bank }));
    };
    return this.#layer(name, 'bank', host.vfs.image.tardisks, lintInputs, [...warnings]);
  }

  #layer(
    name: string,
    kind: Layer['kind'],
    tardisks: Layer['tardisks'],
    lintInputs: Layer['lintInputs'],
    warnings: readonly string[] = [],
  ): Layer {
    this.#lastId += 1;
    return { id: this.#lastId, name, kind, tardisks, warnings, lintInputs };
  }
}

/** What to say of `error`: of a zip that is no bundle, with the way out. */
async function helped(error: unknown, file: Blob): Promise<unknown> {
  const isZip = (await file.slice(0, ZIP_START.length).text()) === ZIP_START;
  if (!(isZip && error instanceof ForeignError)) return error;
  return new Refusal(
    `${error.message}. Of zips only offline bundles are opened: unpack it, and drop its files.`,
  );
}

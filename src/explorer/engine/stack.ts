/**
 * Layers, opened and stacked: one live tree.
 *
 *   archive, VIB, bundle   its tardisks on top of what is there
 *   bank, disk image       booted, from an empty tree only, with ESXi's ramdisks
 *   state.tgz              over a tree: restored, as a boot does; alone: an archive
 *
 * What something is, its bytes say. A layer that cannot be opened leaves everything as it was.
 */

import {
  type BootDevice,
  blobDevice,
  esxRamdisks,
  Host,
  Image,
  isBlob,
  type LintInput,
  openTardisks,
  type Tardisk,
  VisorFs,
} from '../../index.ts';
import { type LayerInput, type LayerRow, Refusal } from '../protocol.ts';
import { folderOfBanks } from './banks.ts';
import { blobDisk, blobSource } from './blob-source.ts';
import { gunzipped } from './gunzip.ts';
import type { Task } from './task.ts';

const LOCAL_TGZ = 'local.tgz';

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
   * Opens `input` on top. Throws CorruptError and ForeignError as the engine, Refusal for a bank
   * over other layers.
   */
  async add(input: LayerInput, task: Task): Promise<LayerRow> {
    task.step(0, 0, `opening ${input.name}`);
    const layer = await this.#opened(input, task);
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
    this.#layers.length = 0;
  }

  async #opened(input: LayerInput, task: Task): Promise<Layer> {
    if (input.kind === 'folder') {
      const { name, files } = input;
      return this.#booted(name, (now) => folderOfBanks(name, files, now), task);
    }
    const { file, name } = input;
    if (await isBlob(blobDisk(file, name))) {
      return this.#booted(name, () => blobDevice(blobDisk(file, name)), task);
    }
    const plain = await gunzipped(file, name, task);
    const tardisks = await openTardisks(plain ?? blobSource(file, name), { name });
    try {
      // Whoever cancelled is heard here at the latest.
      await task.pause();
      const isOver = this.#layers.length > 0 && isState(tardisks);
      if (isOver) await this.vfs.restore(new Uint8Array(await file.arrayBuffer()));
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

/** Whether `tardisks` are what a backup makes: one, which holds a local.tgz and nothing else. */
function isState(tardisks: readonly Tardisk[]): boolean {
  if (tardisks.length !== 1) return false;
  const vfs = new VisorFs(Image.of(tardisks[0]!));
  const names = vfs.names('/');
  vfs.release();
  return names.length === 1 && names[0] === LOCAL_TGZ;
}

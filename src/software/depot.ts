/**
 * A depot: VIBs, and what is said of them, wherever it lies.
 *
 *   index.xml ──► vendor-index.xml ──► metadata.zip ──► vibs/*.xml       what the VIBs are, where
 *                                                   ──► bulletins/*.xml  what belongs together
 *                                                   ──► profiles/*.xml   what makes a host
 *                                                   ──► vmware.xml       bulletins once more
 *
 * Opening reads that chain, which has to be whole, and no VIB. A VIB that several metadata speak of
 * alike, as for several versions of ESXi, is one. The order of VIBs is that of the metadata.
 *
 * Not here: whether VIBs are what is said of them (verify-depot.ts).
 */

import { CorruptError, ForeignError } from '../base/errors.ts';
import {
  DEPOT_FILES_MAX_COUNT,
  DEPOT_METADATA_MAX_BYTES,
  DEPOT_METADATA_MAX_COUNT,
  DESCRIPTOR_MAX_BYTES,
} from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import {
  type Bulletin,
  type PublishedVib,
  parseBulletin,
  parseMetadataResponse,
} from '../format/bulletin.ts';
import { type DepotVendor, parseDepotIndex, parseVendorIndex } from '../format/depot-index.ts';
import { type ImageProfile, parseImageProfile } from '../format/image-profile.ts';
import { parseVibMetadata, type VibMetadata } from '../format/vib-metadata.ts';
import { openVibPackage, type VibPackage } from '../layer/vib-package.ts';
import { type DepotSource, inMemory, openInDepot, zipDepot } from './depot-source.ts';

/** Where a depot starts. */
export const INDEX_PATH = 'index.xml';
/** What metadata is made of: one file, and a folder for each kind. */
export const RESPONSE_PATH = 'vmware.xml';
export const METADATA_FOLDERS = { vibs: 'vibs/', bulletins: 'bulletins/', profiles: 'profiles/' };

/** A VIB of a depot, as the metadata has it. */
export interface DepotVib extends VibMetadata {
  readonly id: string;
  /** Where its file is, from the start of the depot. */
  readonly path: string;
}

/** A VIB as vmware.xml has it. */
export interface DepotPublishedVib extends PublishedVib {
  /** Where its file is, from the start of the depot. */
  readonly path: string;
}

/** A depot that is open. */
export interface Depot {
  readonly source: DepotSource;
  readonly vendors: readonly DepotVendor[];
  /** In the order of the metadata. */
  readonly vibs: readonly DepotVib[];
  readonly bulletins: readonly Bulletin[];
  readonly profiles: readonly ImageProfile[];
  /** The bulletins as vmware.xml has them. */
  readonly publishedBulletins: readonly Bulletin[];
  /** The VIBs as vmware.xml has them, once for each bulletin. */
  readonly publishedVibs: readonly DepotPublishedVib[];
  /** The files that the chain was read from, from the start of the depot. */
  readonly metadataPaths: readonly string[];
  /**
   * Opens a VIB. Throws CorruptError where it is not there, lies, or has another size than the
   * metadata says.
   */
  openVib(vib: DepotVib): Promise<VibPackage>;
  /** The file at `path`; null where there is none. Throws CorruptError where it leads out. */
  openFile(path: string): Promise<Source | null>;
  /** Gives back the source. */
  close(): void;
}

/** How far opening has come: files of metadata. */
export type DepotProgress = (progress: { readonly done: number; readonly what: string }) => void;

/**
 * Opens the depot in `source`, which is closed with it, or where it fails. Throws CorruptError
 * where the chain is not whole, or a link of it lies; ForeignError where there is no index.xml.
 */
export async function openDepot(
  source: DepotSource,
  codec: Codec,
  onProgress?: DepotProgress,
): Promise<Depot> {
  try {
    const chain = new Chain(source, codec, onProgress);
    await chain.read();
    const { vendors, bulletins, profiles, paths } = chain;
    return {
      source,
      vendors,
      vibs: [...chain.vibs.values()],
      bulletins: [...bulletins.values()],
      profiles: [...profiles.values()],
      publishedBulletins: [...chain.publishedBulletins.values()],
      publishedVibs: chain.publishedVibs,
      metadataPaths: [...paths],
      openVib: (vib) => openVib(source, vib, codec),
      openFile: (path) => openInDepot(source, path),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

async function openVib(source: DepotSource, vib: DepotVib, codec: Codec): Promise<VibPackage> {
  const { path, packedSize } = vib;
  const file = await openInDepot(source, path, packedSize);
  if (file === null)
    throw new CorruptError(source.name, null, `has no '${path}', which is ${vib.id}`);
  if (file.size !== packedSize) {
    file.close();
    const claim = `'${path}' has ${file.size} bytes, the metadata says ${packedSize}`;
    throw new CorruptError(source.name, null, claim);
  }
  return openVibPackage(file, codec);
}

/** The chain from index.xml on, as far as it was read. */
class Chain {
  vendors: readonly DepotVendor[] = [];
  /** By all that is said of each. */
  readonly vibs = new Map<string, DepotVib>();
  readonly bulletins = new Map<string, Bulletin>();
  readonly profiles = new Map<string, ImageProfile>();
  readonly publishedBulletins = new Map<string, Bulletin>();
  readonly publishedVibs: DepotPublishedVib[] = [];
  readonly paths = new Set<string>();
  readonly #source: DepotSource;
  readonly #codec: Codec;
  readonly #onProgress: DepotProgress | undefined;
  #fileCount = 0;
  #byteCount = 0;

  constructor(source: DepotSource, codec: Codec, onProgress: DepotProgress | undefined) {
    this.#source = source;
    this.#codec = codec;
    this.#onProgress = onProgress;
  }

  async read(): Promise<void> {
    const index = await this.#bytesAt(INDEX_PATH);
    this.vendors = parseDepotIndex(index, this.#placeOf(INDEX_PATH));
    for (const { relativePath, indexFile } of this.vendors) {
      const folder = relativePath.replace(/\/*$/, '/').replace(/^\/$/, '');
      const path = folder + indexFile;
      if (this.paths.has(path)) continue;
      const places = parseVendorIndex(await this.#bytesAt(path), this.#placeOf(path));
      for (const { url } of places) {
        if (!this.paths.has(folder + url)) await this.#readMetadata(folder, folder + url);
      }
    }
  }

  #placeOf(path: string): string {
    return `${this.#source.name}!${path}`;
  }

  async #bytesAt(path: string): Promise<Uint8Array> {
    const file = await this.#open(path, DESCRIPTOR_MAX_BYTES);
    try {
      if (file.size > DESCRIPTOR_MAX_BYTES) {
        throw new CorruptError(file.name, 0, `an index of ${file.size} bytes`);
      }
      return readBytes(file, 0, file.size);
    } finally {
      file.close();
    }
  }

  async #open(path: string, maxBytes: number): Promise<Source> {
    this.paths.add(path);
    if (this.paths.size > 2 * DEPOT_METADATA_MAX_COUNT) {
      const claim = `more than ${DEPOT_METADATA_MAX_COUNT} indexes and metadata`;
      throw new CorruptError(this.#source.name, null, claim);
    }
    this.#onProgress?.({ done: this.paths.size, what: path });
    const file = await openInDepot(this.#source, path, maxBytes);
    if (file !== null) return file;
    const { name } = this.#source;
    if (path !== INDEX_PATH) throw new CorruptError(name, null, `has no '${path}'`);
    throw new ForeignError(name, null, `is no depot: it has no '${path}'`);
  }

  /** Reads what lies in the zip at `path`, whose VIBs are in `folder`. */
  async #readMetadata(folder: string, path: string): Promise<void> {
    const zip = zipDepot(inMemory(await this.#open(path, DEPOT_METADATA_MAX_BYTES)), this.#codec);
    for (const name of (await zip.list())!) {
      const kind = kindOf(name);
      if (kind === null) continue;
      const file = (await zip.open(name))!;
      const place = `${this.#placeOf(path)}!${name}`;
      this.#count(file.size, place);
      this.#take(kind, readBytes(file, 0, file.size), place, folder);
    }
  }

  #count(bytes: number, place: string): void {
    this.#byteCount += bytes;
    this.#fileCount += 1;
    if (this.#byteCount > DEPOT_METADATA_MAX_BYTES || this.#fileCount > DEPOT_FILES_MAX_COUNT) {
      const most = `${DEPOT_FILES_MAX_COUNT} files and ${DEPOT_METADATA_MAX_BYTES} bytes`;
      throw new CorruptError(place, null, `more metadata than ${most}`);
    }
  }

  #take(kind: Kind, bytes: Uint8Array, place: string, folder: string): void {
    if (kind === 'vibs') {
      const metadata = parseVibMetadata(bytes, place);
      const path = folder + metadata.relativePath;
      const vib = { ...metadata, id: metadata.descriptor.id, path };
      this.vibs.set(JSON.stringify(vib), vib);
    } else if (kind === 'bulletins') {
      const bulletin = parseBulletin(bytes, place);
      this.bulletins.set(JSON.stringify(bulletin), bulletin);
    } else if (kind === 'profiles') {
      const profile = parseImageProfile(bytes, place);
      this.profiles.set(JSON.stringify(profile), profile);
    } else {
      const { bulletins, vibs } = parseMetadataResponse(bytes, place);
      for (const one of bulletins) this.publishedBulletins.set(JSON.stringify(one), one);
      for (const vib of vibs) {
        this.publishedVibs.push({ ...vib, path: folder + vib.relativePath });
      }
    }
  }
}

type Kind = keyof typeof METADATA_FOLDERS | 'response';

/** What kind of metadata `name` is, in the zip; null where it is none. */
function kindOf(name: string): Kind | null {
  if (name === RESPONSE_PATH) return 'response';
  if (!name.endsWith('.xml')) return null;
  const found = Object.entries(METADATA_FOLDERS).find(([, folder]) => name.startsWith(folder));
  return found === undefined ? null : (found[0] as Kind);
}

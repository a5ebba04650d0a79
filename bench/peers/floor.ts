/**
 * The floor: what JavaScript alone costs. A tree of Maps over the archive's own bytes.
 *
 * No errors worth the name, no permissions, links, dates, limits or accounting: nobody could use
 * it. A correct engine lies above it, and how far above is what a ratio to it says.
 */

import { type Entry, type Fs, type Subject, subject } from '../peers.ts';
import { gunzipped, walkBareTar } from './bare-tar.ts';

interface FloorNode {
  children: Map<string, FloorNode> | null;
  bytes: Uint8Array;
  size: number;
}

const NOTHING = new Uint8Array(0);

class FloorEntry implements Entry {
  readonly name: string;
  readonly #node: FloorNode;

  constructor(name: string, node: FloorNode) {
    this.name = name;
    this.#node = node;
  }

  isDirectory(): boolean {
    return this.#node.children !== null;
  }
}

/** A tree of Maps with the verbs of a file system. */
export class FloorFs implements Fs {
  readonly #root: FloorNode = { children: new Map(), bytes: NOTHING, size: 0 };
  readonly #open: (FloorNode | null)[] = [];
  readonly #free: number[] = [];

  /** The tree of ustar archives, the last on top, whose bytes stay where they are. */
  static of(...tars: readonly Uint8Array[]): FloorFs {
    const floor = new FloorFs();
    for (const tar of tars) {
      walkBareTar(tar, (path, isDirectory, start, size) => {
        if (isDirectory) floor.#makeDirectory(path);
        else floor.#put(path, { children: null, bytes: tar.subarray(start, start + size), size });
      });
    }
    return floor;
  }

  statSync(path: string): { readonly size: number } {
    return { size: this.#at(path).size };
  }

  existsSync(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  openSync(path: string, flags: string): number {
    const isNew = flags === 'w';
    const node = isNew ? this.#put(path, file(NOTHING)) : this.#at(path);
    const fd = this.#free.pop() ?? this.#open.length;
    this.#open[fd] = node;
    return fd;
  }

  closeSync(fd: number): void {
    this.#open[fd] = null;
    this.#free.push(fd);
  }

  readSync(fd: number, target: Uint8Array, start: number, length: number, from: number): number {
    const { bytes, size } = this.#open[fd]!;
    const count = Math.max(0, Math.min(length, size - from));
    target.set(bytes.subarray(from, from + count), start);
    return count;
  }

  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, to: number): number {
    const node = this.#open[fd]!;
    reserve(node, to + length);
    node.bytes.set(bytes.subarray(start, start + length), to);
    return length;
  }

  readFileSync(path: string): Uint8Array {
    const { bytes, size } = this.#at(path);
    return bytes.slice(0, size);
  }

  readdirSync(path: string): string[];
  readdirSync(path: string, options: { readonly withFileTypes: true }): Entry[];
  readdirSync(path: string, options?: { readonly withFileTypes: true }): string[] | Entry[] {
    const children = this.#at(path).children!;
    if (options === undefined) return [...children.keys()];
    const entries: Entry[] = [];
    for (const [name, node] of children) entries.push(new FloorEntry(name, node));
    return entries;
  }

  writeFileSync(path: string, bytes: Uint8Array): void {
    this.#put(path, file(bytes.slice()));
  }

  appendFileSync(path: string, bytes: Uint8Array): void {
    const node = this.#find(path) ?? this.#put(path, file(NOTHING));
    const end = node.size;
    reserve(node, end + bytes.length);
    node.bytes.set(bytes, end);
  }

  truncateSync(path: string, size: number): void {
    const node = this.#at(path);
    if (size > node.size) {
      const end = node.size;
      reserve(node, size);
      node.bytes.fill(0, end, size);
    } else {
      node.bytes = node.bytes.slice(0, size);
      node.size = size;
    }
  }

  unlinkSync(path: string): void {
    const cut = path.lastIndexOf('/');
    this.#at(path.slice(0, cut)).children!.delete(path.slice(cut + 1));
  }

  rmSync(path: string): void {
    this.unlinkSync(path);
  }

  renameSync(older: string, newer: string): void {
    const node = this.#at(older);
    this.unlinkSync(older);
    this.#put(newer, node);
  }

  mkdirSync(path: string): void {
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
      this.#makeDirectory(path.slice(0, end));
    }
    this.#makeDirectory(path);
  }

  #makeDirectory(path: string): void {
    if (this.#find(path) === undefined) {
      this.#put(path, { children: new Map(), bytes: NOTHING, size: 0 });
    }
  }

  #put(path: string, node: FloorNode): FloorNode {
    const cut = path.lastIndexOf('/');
    this.#at(path.slice(0, cut)).children!.set(path.slice(cut + 1), node);
    return node;
  }

  #at(path: string): FloorNode {
    const node = this.#find(path);
    if (node === undefined) throw new Error('ENOENT');
    return node;
  }

  #find(path: string): FloorNode | undefined {
    let node: FloorNode | undefined = this.#root;
    for (let start = 1; start < path.length && node !== undefined; ) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      node = node.children?.get(path.slice(start, end));
      start = end + 1;
    }
    return node;
  }
}

function file(bytes: Uint8Array): FloorNode {
  return { children: null, bytes, size: bytes.length };
}

/** Makes `node` at least `size` long; room doubles, so that appending stays cheap. */
function reserve(node: FloorNode, size: number): void {
  if (size > node.bytes.length) {
    const wider = new Uint8Array(Math.max(size, node.bytes.length * 2));
    wider.set(node.bytes);
    node.bytes = wider;
  }
  if (size > node.size) node.size = size;
}

/** `archives`, each in gzip or not, as one tree of Maps. */
export async function mountFloor(...archives: readonly Uint8Array[]): Promise<Subject> {
  return subject(FloorFs.of(...archives.map(gunzipped)));
}

/**
 * What writes through a handle of file-system-access.ts: a stream that replaces the file when it is
 * closed, and a handle on the file itself.
 */

import { type Place, refusal, type Shown } from './handle-place.ts';

type Bytes = ArrayBuffer | ArrayBufferView;
type Piece = Bytes | Blob | string;

/** What a writable is told to do: `position` and `data` to write, `position` to seek, a `size`. */
export interface WriteCommand {
  readonly type: 'write' | 'seek' | 'truncate';
  readonly data?: Piece | null | undefined;
  readonly position?: number | null | undefined;
  readonly size?: number | null | undefined;
}

/** What a writable takes: pieces where it stands, or what to do. */
export type WriteParams = Piece | WriteCommand;

/** FileSystemWritableFileStream. */
export class WritableFile extends WritableStream<WriteParams> {
  readonly #place: Place;
  #bytes: Uint8Array<ArrayBufferLike>;
  #size: number;
  #position = 0;

  constructor(place: Place, bytes: Uint8Array = new Uint8Array()) {
    super({
      write: (chunk) => this.#apply(chunk),
      close: () => this.#commit(),
      abort: () => this.#place.unlock(),
    });
    this.#place = place;
    this.#bytes = bytes;
    this.#size = bytes.length;
  }

  /** Writes where it stands or where it says, or does what it says. */
  async write(data: WriteParams): Promise<void> {
    // Looked at before the stream has it: a wrong argument leaves the stream as it is.
    const chunk = asParams(data);
    const writer = this.getWriter();
    try {
      await writer.write(chunk);
    } finally {
      writer.releaseLock();
    }
  }

  /** Goes on at `position`, in bytes. */
  seek(position: number): Promise<void> {
    return this.write({ type: 'seek', position });
  }

  /** Makes the file `size` bytes long. */
  truncate(size: number): Promise<void> {
    return this.write({ type: 'truncate', size });
  }

  /** Does what `chunk` says. Where that fails the stream is over, and the file is let go. */
  async #apply(chunk: WriteParams): Promise<void> {
    try {
      await this.#obey(asParams(chunk));
    } catch (error) {
      this.#place.unlock();
      throw error;
    }
  }

  async #obey(chunk: WriteParams): Promise<void> {
    if (isPiece(chunk)) await this.#put(chunk);
    else if (chunk.type === 'seek') this.#position = given(chunk.position, 'position');
    else if (chunk.type === 'truncate') {
      this.#resize(given(chunk.size, 'size'));
      this.#position = Math.min(this.#position, this.#size);
    } else {
      if (chunk.data === null) throw new TypeError('null is nothing to write');
      const piece = asPiece(given(chunk.data, 'data'));
      this.#position = chunk.position ?? this.#position;
      await this.#put(piece);
    }
  }

  async #put(data: Piece): Promise<void> {
    const bytes = await bytesOf(data);
    const end = this.#position + bytes.length;
    if (end > this.#size) this.#resize(end);
    this.#bytes.set(bytes, this.#position);
    this.#position = end;
  }

  #resize(size: number): void {
    if (size > this.#bytes.length) {
      const larger = roomFor(Math.max(size, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    } else this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  #commit(): void {
    const { fs, path } = this.#place;
    this.#place.unlock();
    this.#place.try(() => fs.writeFileSync(path, this.#bytes.subarray(0, this.#size)));
  }
}

/** FileSystemSyncAccessHandle. */
export class SyncAccessHandle {
  readonly #place: Place;
  #fd: number;
  #position = 0;

  constructor(place: Place, fd: number) {
    this.#place = place;
    this.#fd = fd;
  }

  /** Reads into `buffer` from `at`, or from where it stands; how many bytes there were. */
  read(buffer: Bytes, { at = this.#position }: { readonly at?: number } = {}): number {
    const [into, start] = [viewOf(buffer), inFile(at)];
    const count = this.#try((fs) => fs.readSync(this.#fd, into, 0, into.length, start));
    this.#position = start + count;
    return count;
  }

  /** Writes `buffer` at `at`, or where it stands; all of it. */
  write(buffer: Bytes, { at = this.#position }: { readonly at?: number } = {}): number {
    const [bytes, start] = [viewOf(buffer), inFile(at)];
    const count = this.#try((fs) => fs.writeSync(this.#fd, bytes, 0, bytes.length, start));
    this.#position = start + count;
    return count;
  }

  truncate(size: number): void {
    const length = inFile(size);
    this.#try((fs) => fs.ftruncateSync(this.#fd, length));
    this.#position = Math.min(this.#position, length);
  }

  getSize(): number {
    return this.#try((fs) => fs.fstatSync(this.#fd).size);
  }

  flush(): void {
    this.#try((fs) => fs.fstatSync(this.#fd));
  }

  /** Closes it; a second time does nothing. */
  close(): void {
    if (this.#fd < 0) return;
    this.#place.fs.closeSync(this.#fd);
    this.#fd = -1;
    this.#place.unlock();
  }

  #try<T>(act: (fs: Shown['fs']) => T): T {
    if (this.#fd < 0) throw refusal('InvalidStateError', 'the access handle is closed');
    return this.#place.try(() => act(this.#place.fs));
  }
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function isPiece(value: unknown): value is Piece {
  return typeof value === 'string' || value instanceof Blob || isBytes(value);
}

/** `value` as browsers see what a writable takes: what is no object is text. Throws TypeError. */
function asParams(value: WriteParams | null | undefined): WriteParams {
  const isTold = typeof value === 'object' && value !== null && !isPiece(value);
  return isTold && ['write', 'seek', 'truncate'].includes(value.type) ? value : asPiece(value);
}

/** `value` as bytes, text or a Blob. Throws TypeError. */
function asPiece(value: unknown): Piece {
  if (isPiece(value)) return value;
  if (typeof value !== 'object' && value !== undefined) return String(value);
  throw new TypeError('a writable takes bytes, text, a Blob or what to do');
}

/** What has to be said with some types of write. */
function given<T>(value: T | null | undefined, name: string): T {
  if (value == null) throw refusal('SyntaxError', `what to do lacks its ${name}`);
  return value;
}

/** `value` as a place or a size in a file. Throws TypeError. */
function inFile(value: number): number {
  const whole = Math.trunc(value);
  if (whole >= 0 && whole <= Number.MAX_SAFE_INTEGER) return whole;
  throw new TypeError('outside of what a file may be');
}

/** Bytes for what is not closed yet; more than there can be is more than the quota. */
function roomFor(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal('QuotaExceededError', `no room for ${size} bytes`);
  }
}

function viewOf(bytes: Bytes): Uint8Array {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  if (!ArrayBuffer.isView(bytes)) throw new TypeError('neither an ArrayBuffer nor a view of one');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function bytesOf(data: Piece): Promise<Uint8Array> {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  return data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : viewOf(data);
}

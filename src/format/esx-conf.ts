/**
 * esx.conf: ESXi's older configuration store, one key a line.
 *
 *   /adv/Misc/HostName = "esx1"
 *   /net/vswitch/child[0000]/name = "vSwitch0"
 *
 * A key starts with "/" and has no blanks. Its value goes from the first quote behind "=" to the
 * last one of the line; in it \" is a quote and \\ a backslash, and any other backslash is itself.
 * Whatever is no such line (comments, blank lines, lines of another shape) has no key and is kept.
 *
 *   1. Lines that nobody changed keep every byte and their order.
 *   2. Keys that are new go before the first key that sorts after them, since ESXi keeps the file
 *      sorted by bytes; a file that is not sorted is not made so.
 *   3. Where a key occurs twice its last line counts, and is the one that a change changes.
 */

import { concatBytes, text, utf8 } from '../base/bytes.ts';

interface Line {
  /** As it stands in the file, newline included where there is one. */
  readonly bytes: Uint8Array;
  readonly key: string | null;
  readonly value: string;
}

const NEWLINE = 0x0a;
const LINE_SHAPE = /^\s*(\/[^\s="]*)\s*=\s*"(.*)"\s*$/;
const KEY_SHAPE = /^\/[^\s="]*$/;

/**
 * The keys of one esx.conf, to be read and changed.
 *
 * @example
 * const conf = EsxConf.parse('/adv/Misc/HostName = "esx1"\n');
 * conf.write('/adv/Misc/Lab', '1');
 * console.log(conf.read('/adv/Misc/HostName'), conf.keys('/adv'));
 * // esx1 [ '/adv/Misc/HostName', '/adv/Misc/Lab' ]
 * console.log(new TextDecoder().decode(conf.encode()).split('\n')[1]); // /adv/Misc/Lab = "1"
 */
export class EsxConf {
  readonly #lines: Line[];

  private constructor(lines: Line[]) {
    this.#lines = lines;
  }

  /** The keys in `content`. Nothing is refused: what has no key is kept as it is. */
  static parse(content: Uint8Array | string): EsxConf {
    const bytes = typeof content === 'string' ? utf8(content) : content;
    const lines: Line[] = [];
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.length : newline + 1;
      lines.push(parseLine(bytes.slice(start, end)));
      start = end;
    }
    return new EsxConf(lines);
  }

  /** The value of `key`, or undefined where there is none. */
  read(key: string): string | undefined {
    return this.#lines.findLast((line) => line.key === key)?.value;
  }

  /**
   * Sets `key` to `value`. Throws RangeError where a line cannot hold them, and changes nothing
   * then.
   */
  write(key: string, value: string): void {
    if (!KEY_SHAPE.test(key)) throw new RangeError(`'${key}' is no key of esx.conf`);
    if (/[\r\n]/.test(value)) throw new RangeError(`the value of '${key}' is more than one line`);
    const line = lineOf(key, value);
    const index = this.#lines.findLastIndex((one) => one.key === key);
    if (index >= 0) this.#lines[index] = line;
    else this.#insert(key, line);
  }

  /**
   * Removes `key` and every key below it; how many lines that were.
   *
   * @example
   * const conf = EsxConf.parse('/adv/a = "1"\n/adv/b = "2"\n/net/c = "3"\n');
   * console.log(conf.remove('/adv'), conf.keys()); // 2 [ '/net/c' ]
   */
  remove(key: string): number {
    const kept = this.#lines.filter((line) => !isWithin(line.key, key));
    const count = this.#lines.length - kept.length;
    this.#lines.splice(0, this.#lines.length, ...kept);
    return count;
  }

  /** The keys in their order, each once: all of them, or `prefix` itself and those below it. */
  keys(prefix = ''): string[] {
    const found = this.#lines.filter((line) => line.key !== null && isWithin(line.key, prefix));
    return [...new Set(found.map((line) => line.key!))];
  }

  /**
   * The number, from 1, of the first line that is neither a key with its value nor blank nor a
   * comment; null where there is none.
   */
  firstStrange(): number | null {
    const isOther = ({ key, bytes }: Line): boolean =>
      key === null && !/^\s*(#.*)?$/.test(text(bytes).trimEnd());
    const index = this.#lines.findIndex(isOther);
    return index < 0 ? null : index + 1;
  }

  /** The file with all changes. */
  encode(): Uint8Array {
    return concatBytes(this.#lines.map((line) => line.bytes));
  }

  #insert(key: string, line: Line): void {
    const next = this.#lines.findIndex((one) => one.key !== null && one.key > key);
    const index = next < 0 ? this.#lines.length : next;
    const above = this.#lines[index - 1];
    if (above !== undefined && above.bytes[above.bytes.length - 1] !== NEWLINE) {
      this.#lines[index - 1] = { ...above, bytes: concatBytes([above.bytes, utf8('\n')]) };
    }
    this.#lines.splice(index, 0, line);
  }
}

function isWithin(key: string | null, prefix: string): boolean {
  if (key === null) return false;
  return prefix === '' || key === prefix || key.startsWith(`${prefix.replace(/\/$/, '')}/`);
}

function parseLine(bytes: Uint8Array): Line {
  const match = LINE_SHAPE.exec(text(bytes));
  if (match === null) return { bytes, key: null, value: '' };
  return { bytes, key: match[1]!, value: match[2]!.replace(/\\(["\\])/g, '$1') };
}

function lineOf(key: string, value: string): Line {
  const quoted = value.replace(/["\\]/g, '\\$&');
  return { bytes: utf8(`${key} = "${quoted}"\n`), key, value };
}

/**
 * boot.cfg: what the boot loader of ESXi loads, and in which state the bank is.
 *
 *   bootstate=0                        lines of key=value, read as esx-boot reads them:
 *   title=Loading VMware ESXi
 *   timeout=5                          - white space at both ends goes, within it is one blank
 *   prefix=/boot                       - keys are letters of either case and come first; blanks
 *   kernel=b.b00                         behind "=" are skipped, one before it makes it no key
 *   kernelopt=autoPartition=FALSE      - a key cut short means the first key that starts so, in
 *   modules=k.b00 --- sb.v00 -x          the order of BOOT_KEYS
 *   build=7.0.3-0.0.19193900           - the last line of a key wins; a value of nothing is 0 or
 *   updated=2                            empty; "#" starts a comment; unknown keys are skipped
 *
 * `modules` and `acpitables` are split wherever "---" stands; of each item the first word is a
 * file, the rest its options; items of nothing are skipped. The kernel, with `kernelopt`, is module
 * 0.
 *
 * A line "=x" sets the kernel by that loader's rule of keys cut short; here it has no key. A number
 * that is none makes the whole file invalid, and the loader skips its bank: CorruptError.
 *
 * `bootstate` must lie in the first 512 bytes, since the loader rewrites that one sector in place;
 * so it is written first.
 */

import { concatBytes, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { BOOT_CFG_MAX_BYTES } from '../base/limits.ts';

/** A file to load, relative to the prefix, and what it is told. */
export interface BootModule {
  readonly file: string;
  readonly options: string;
}

/** All that a boot.cfg can say; what it does not say is here as the loader's default. */
export interface BootCfg {
  readonly kernel: string;
  readonly kernelopt: string;
  readonly modules: readonly BootModule[];
  readonly title: string;
  /** Where files are; empty means in the folder of boot.cfg itself. */
  readonly prefix: string;
  readonly nobootif: number;
  /** Seconds before the loader goes on by itself. */
  readonly timeout: number;
  readonly noquirks: number;
  readonly norts: number;
  readonly crypto: string;
  readonly runtimewd: number;
  readonly tftpblksize: number;
  readonly acpitables: readonly BootModule[];
  readonly runtimewdtimeout: number;
  readonly skip: number;
  readonly errtimeout: number;
  readonly build: string;
  /** Counts up with each commit: the bank with the higher one is booted. */
  readonly updated: number;
  /** 0 valid, 1 upgraded and not booted yet, 2 booted once and not confirmed, 3 invalid. */
  readonly bootstate: number;
  readonly quickboot: number;
}

const DEFAULTS: BootCfg = {
  kernel: '',
  kernelopt: '',
  modules: [],
  title: '',
  prefix: '',
  nobootif: 0,
  timeout: 5,
  noquirks: 0,
  norts: 0,
  crypto: '',
  runtimewd: 0,
  tftpblksize: 0,
  acpitables: [],
  runtimewdtimeout: 0,
  skip: 0,
  errtimeout: -1,
  build: '',
  updated: 0,
  bootstate: 0,
  quickboot: 0,
};

/** What a boot.cfg has a line for. */
export type BootKey = keyof BootCfg;
type Value = BootCfg[BootKey];

/** All keys, in the loader's order, which decides what a key cut short means. */
export const BOOT_KEYS = Object.keys(DEFAULTS) as readonly BootKey[];

/** What the installer always writes, in its order; the rest follows where it is not the default. */
const WRITTEN_KEYS: readonly BootKey[] = [
  'bootstate',
  'title',
  'timeout',
  'prefix',
  'kernel',
  'kernelopt',
  'modules',
  'build',
  'updated',
];

const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const SEPARATOR = '---';

/** One line that sets a key, as where it is. */
interface Setting {
  readonly key: BootKey;
  readonly value: string;
  readonly lineOffset: number;
  /** Behind "=" and up to the end of the line, white space included. */
  readonly valueOffset: number;
  readonly endOffset: number;
}

/**
 * Reads a boot.cfg; `name` is what messages call it. Throws CorruptError as above and where it is
 * too long.
 */
export function parseBootCfg(bytes: Uint8Array, name: string): BootCfg {
  if (bytes.length > BOOT_CFG_MAX_BYTES) {
    throw new CorruptError(name, 0, `a boot.cfg of ${bytes.length} bytes`);
  }
  const cfg: Record<string, Value> = { ...DEFAULTS };
  for (const setting of settings(bytes)) cfg[setting.key] = parseValue(setting, name);
  return cfg as unknown as BootCfg;
}

/** What is loaded, in its order: the kernel, then the modules. */
export function bootModules({ kernel, kernelopt, modules }: BootCfg): readonly BootModule[] {
  return [{ file: kernel, options: kernelopt }, ...modules];
}

/**
 * The file of its bank that a module is: installers write `/sb.v00`. Null where it leads out of the
 * bank.
 */
export function moduleName(file: string): string | null {
  const name = file.replace(/^\/+/, '');
  return name === '' || name === '.' || name === '..' || /[/\\]/.test(name) ? null : name;
}

/**
 * A boot.cfg that says `cfg`, in the installer's order. Throws RangeError for text of several
 * lines.
 */
export function encodeBootCfg(cfg: Partial<BootCfg>): Uint8Array {
  const whole: BootCfg = { ...DEFAULTS, ...cfg };
  const others = BOOT_KEYS.filter((key) => {
    return !WRITTEN_KEYS.includes(key) && valueText(whole[key]) !== valueText(DEFAULTS[key]);
  });
  const lines = [...WRITTEN_KEYS, ...others].map((key) => `${key}=${valueText(whole[key])}\n`);
  return utf8(lines.join(''));
}

/**
 * `bytes` with `changes` made and every other byte as it was: where a key is set, its last line
 * gets the new value; where it is not, a line is added at the end, or at the start for `bootstate`.
 * Throws RangeError for text of several lines.
 */
export function withBootCfg(bytes: Uint8Array, changes: Partial<BootCfg>): Uint8Array {
  let edited = bytes;
  for (const key of BOOT_KEYS) {
    const value = changes[key];
    if (value !== undefined) edited = withValue(edited, key, valueText(value));
  }
  return edited;
}

function withValue(bytes: Uint8Array, key: BootKey, value: string): Uint8Array {
  const last = settings(bytes).findLast((setting) => setting.key === key);
  if (last !== undefined) {
    const old = text(bytes, last.valueOffset, last.endOffset);
    const lineEnd = old.slice(old.trimEnd().length);
    const before = bytes.subarray(0, last.valueOffset);
    return concatBytes([before, utf8(value + lineEnd), bytes.subarray(last.endOffset)]);
  }
  const line = utf8(`${key}=${value}\n`);
  if (key === 'bootstate') return concatBytes([line, bytes]);
  const isWhole = bytes.length === 0 || bytes[bytes.length - 1] === NEWLINE;
  return concatBytes([bytes, utf8(isWhole ? '' : '\n'), line]);
}

function settings(bytes: Uint8Array): Setting[] {
  const found: Setting[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const setting = settingIn(bytes, start, end);
    if (setting !== null) found.push(setting);
    start = end + 1;
  }
  return found;
}

function settingIn(bytes: Uint8Array, start: number, end: number): Setting | null {
  const line = text(bytes, start, end).replace(/\s+/g, ' ').trim();
  const equals = line.indexOf('=');
  if (line.startsWith('#') || equals <= 0) return null;
  const said = line.slice(0, equals).toLowerCase();
  const key = BOOT_KEYS.find((known) => known.startsWith(said));
  if (key === undefined) return null;
  const valueOffset = bytes.indexOf(EQUALS, start) + 1;
  const value = line.slice(equals + 1).trimStart();
  return { key, value, lineOffset: start, valueOffset, endOffset: end };
}

function parseValue({ key, value, lineOffset }: Setting, name: string): Value {
  const fallback = DEFAULTS[key];
  if (typeof fallback === 'string') return value;
  if (typeof fallback !== 'number') return parseModules(value);
  if (value !== '' && !/^-?\d+$/.test(value)) {
    throw new CorruptError(name, lineOffset, `${key} is ${JSON.stringify(value)} and no number`);
  }
  return Number(value);
}

function parseModules(list: string): BootModule[] {
  const items = list.split(SEPARATOR).map((item) => item.trim());
  return items
    .filter((item) => item !== '')
    .map((item) => {
      const [file = '', ...options] = item.split(' ');
      return { file, options: options.join(' ') };
    });
}

function valueText(value: Value): string {
  const line =
    typeof value === 'object'
      ? value.map(({ file, options }) => `${file} ${options}`.trim()).join(` ${SEPARATOR} `)
      : String(value);
  if (line.includes('\n')) throw new RangeError('a value of boot.cfg is one line');
  return line;
}

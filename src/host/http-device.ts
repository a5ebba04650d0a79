/**
 * A bank over http or https as a boot device: what a host without a device of its own boots.
 *
 *   http://server/bank/  or  http://server/bank/boot.cfg
 *     prefix=             the modules lie beside boot.cfg
 *     prefix=esxi/7       in a folder below or above it: resolved as a link of a page is
 *     prefix=/esxi        from the root of the same server
 *     prefix=https://…    anywhere, but for http where boot.cfg came over https
 *
 * boot.cfg is fetched when the banks are asked for, modules when they are opened: a few at a time,
 * each whole, gone on with where a connection breaks (net/fetch.ts), and summed up where the server
 * says the sum. All together they are bounded, whatever is said of their sizes.
 *
 * What says which of several banks is booted is not looked at over the network, nor by ESXi's
 * loader there: `bootstate`, `quickboot`, `updated` and `prefix` read as those of a good bank in a
 * folder. What is written is refused with EROFS.
 *
 * Not here: answers that take the place of a state (answers.ts), images that are kept (cache.ts).
 */

import { CorruptError, VisorError } from '../base/errors.ts';
import {
  BANK_MAX_BYTES,
  BANK_MODULES_MAX_COUNT,
  BOOT_CFG_MAX_BYTES,
  DIGEST_LIST_MAX_BYTES,
  DOWNLOADS_MAX_COUNT,
  FETCH_RETRIES_MAX_COUNT,
  FETCHED_MAX_BYTES,
  STATE_FETCHED_MAX_BYTES,
} from '../base/limits.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import {
  type BootCfg,
  bootModules,
  moduleName,
  parseBootCfg,
  withBootCfg,
} from '../format/boot-cfg.ts';
import { DIGEST_LIST } from '../format/digest-list.ts';
import { fetched, isHttp, type RetryOptions } from '../net/fetch.ts';
import { FetchError } from '../net/fetch-error.ts';
import { STATE_FILE } from '../state/archive.ts';
import { BOOT_CFG } from './bank.ts';
import type { Bank, BootDevice } from './device.ts';

/** How to fetch a bank. */
export interface HttpDeviceOptions extends Omit<RetryOptions, 'sha256'> {
  /** The most that all of its files may have, in bytes: 4 GiB unless said. */
  readonly maxBankBytes?: number;
  /** The state in the bank is not fetched, as a host that boots with an answer does not take it. */
  readonly withoutState?: boolean;
}

/**
 * The bank at `address`, which is that of its folder or of its boot.cfg, as a boot device. Nothing
 * is fetched before it is booted. Throws TypeError where it is no address of http or https, or has
 * a user in it.
 */
export function httpDevice(
  address: string | URL,
  codec: Codec,
  options: HttpDeviceOptions = {},
): BootDevice {
  const cfgUrl = cfgUrlOf(address);
  const name = new URL('.', cfgUrl).href.replace(/\/$/, '');
  const room = new Room(codec, options);
  return { name, banks: async () => [await httpBank(cfgUrl, name, room)] };
}

function cfgUrlOf(address: string | URL): URL {
  const url = URL.canParse(String(address)) ? new URL(address) : null;
  if (url === null || !isHttp(url)) {
    throw new TypeError(`'${address}' is no address of http or https`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      `the address of a bank on '${url.host}' has a user in it, which is refused`,
    );
  }
  url.hash = '';
  if (/\.cfg$/i.test(url.pathname)) return url;
  url.search = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${BOOT_CFG}`;
  return url;
}

/** What a server says of a file that it will not give. */
const FORBIDDEN = 403;

/** The fetches for one device: so many at once, so many bytes in all. */
class Room {
  readonly #codec: Codec;
  readonly #options: HttpDeviceOptions;
  readonly #waiting: (() => void)[] = [];
  /** Bytes that came of each file, by its address, and of all. */
  readonly #sizes = new Map<string, number>();
  #total = 0;
  #running = 0;

  constructor(codec: Codec, options: HttpDeviceOptions) {
    this.#codec = codec;
    this.#options = options;
  }

  /** Whether the state in the bank is asked for. */
  get wantsState(): boolean {
    return this.#options.withoutState !== true;
  }

  /** boot.cfg: a server that does not answer is not waited for, as there may be a cache. */
  async cfg(url: URL): Promise<{ readonly bytes: Uint8Array; readonly cfg: BootCfg }> {
    const options = { ...this.#options, maxBytes: BOOT_CFG_MAX_BYTES, retries: 0 };
    const file = await fetched(url.href, { ...options, sha256: this.#codec.sha256 }).catch(helped);
    if (file === null) {
      const why = `there is no ${BOOT_CFG}; the address of a bank is that of its folder`;
      throw new FetchError(url.href, null, why);
    }
    const bytes = readBytes(file, 0, file.size);
    return { bytes, cfg: parseBootCfg(bytes, url.href) };
  }

  /** The file at `url` when it is its turn; null where there is none. */
  async module(url: string, maxBytes = FETCHED_MAX_BYTES): Promise<Source | null> {
    if (this.#running < DOWNLOADS_MAX_COUNT) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await fetched(url, {
        retries: FETCH_RETRIES_MAX_COUNT,
        ...this.#options,
        maxBytes: Math.min(maxBytes, this.#options.maxBytes ?? maxBytes),
        sha256: this.#codec.sha256,
        onFetch: (progress) => {
          this.#grow(url, progress.done);
          this.#options.onFetch?.(progress);
        },
      });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Takes it that so many bytes of the file at `url` have come. Throws where that is too much. */
  #grow(url: string, done: number): void {
    this.#total += done - (this.#sizes.get(url) ?? 0);
    this.#sizes.set(url, done);
    const { maxBankBytes = BANK_MAX_BYTES } = this.#options;
    if (this.#total <= maxBankBytes) return;
    const why = `with it the bank has more than ${maxBankBytes} bytes, which is the limit`;
    throw new FetchError(url, null, why);
  }
}

/** Throws `error`, with the way out where nobody answers at all. */
function helped(error: unknown): never {
  if (!(error instanceof FetchError && error.status === null && error.isPassing)) throw error;
  throw error.with('; see that the server runs and this is its address, or boot with a cache');
}

async function httpBank(cfgUrl: URL, name: string, room: Room): Promise<Bank> {
  const { bytes, cfg } = await room.cfg(cfgUrl);
  const base = baseOf(cfgUrl, cfg.prefix);
  const modules = bootModules(cfg).flatMap(({ file }) => moduleName(file) ?? []);
  if (modules.length > BANK_MODULES_MAX_COUNT) {
    const claim = `lists ${modules.length} modules, and ${BANK_MODULES_MAX_COUNT} are the most`;
    throw new CorruptError(cfgUrl.href, 0, claim);
  }
  const changes = { prefix: '', bootstate: 0, quickboot: 0, updated: Math.max(1, cfg.updated) };
  const asLocal = withBootCfg(bytes, changes);
  const fetchOnce = remembered((file) => {
    const maxBytes = file === STATE_FILE ? STATE_FETCHED_MAX_BYTES : DIGEST_LIST_MAX_BYTES;
    return room.module(urlOf(base, file), maxBytes).catch(absentWhereForbidden);
  });
  const refuse = async (syscall: string, file: string): Promise<never> => {
    throw new VisorError('EROFS', { syscall, path: `${name}/${file}` });
  };
  return {
    name,
    async list() {
      const listed = modules.filter((file) => file !== STATE_FILE);
      const hasState = modules.includes(STATE_FILE) && room.wantsState;
      const small = [DIGEST_LIST, ...(hasState ? [STATE_FILE] : [])];
      const there = await Promise.all(small.map(fetchOnce));
      return [BOOT_CFG, ...listed, ...small.filter((_file, index) => there[index] !== null)];
    },
    async open(file) {
      if (file === BOOT_CFG) return bytesSource(asLocal, file);
      const isSmall = file === STATE_FILE || file === DIGEST_LIST;
      const source = await (isSmall ? fetchOnce(file) : room.module(urlOf(base, file)));
      if (source === null) throw new VisorError('ENOENT', { syscall: 'open', path: file });
      return source;
    },
    write: (file) => refuse('write', file),
    remove: (file) => refuse('unlink', file),
  };
}

/**
 * Null where `error` is that the server will not give a file that a bank need not have: of what is
 * not there one that lists no folders says so, as S3 does. Throws it where it is another.
 */
function absentWhereForbidden(error: unknown): null {
  if (error instanceof FetchError && error.status === FORBIDDEN) return null;
  throw error;
}

/** `act` once for each file: what it gave is given again, but for what it threw. */
function remembered<T>(act: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (file) => {
    const given = known.get(file) ?? act(file);
    known.set(file, given);
    given.catch(() => known.delete(file));
    return given;
  };
}

/** The folder that modules lie in. */
function baseOf(cfgUrl: URL, prefix: string): URL {
  if (prefix === '') return new URL('.', cfgUrl);
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const base = URL.canParse(folder, cfgUrl.href) ? new URL(folder, cfgUrl) : null;
  const isDowngrade = cfgUrl.protocol === 'https:' && base?.protocol !== 'https:';
  if (base !== null && isHttp(base) && !isDowngrade) return base;
  const claim = `prefix is '${prefix}', which is no place that its modules may be fetched from`;
  throw new CorruptError(cfgUrl.href, 0, claim);
}

function urlOf(base: URL, file: string): string {
  return new URL(`./${encodeURIComponent(file)}`, base).href;
}

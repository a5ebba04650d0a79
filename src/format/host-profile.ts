/**
 * A host profile: what a host without a state of its own is told of itself, as JSON.
 *
 *   {
 *     "version": 1,
 *     "esxConf": {                     keys of /etc/vmware/esx.conf
 *       "/adv/Misc/HostName": "esx9",  is set
 *       "/net/vswitch": null           goes, and every key below it
 *     },
 *     "files": {                       by absolute path; each is a file of root's
 *       "/etc/motd": { "content": "text, as UTF-8", "mode": "0644" },
 *       "/etc/krb5.keytab": { "base64": "AAEC", "mode": "0600" }
 *     },
 *     "services": { "ntpd": "on", "SSH": "off" }
 *   }
 *
 * Only `version` must be there. A mode is four octal digits, 0644 unless said. What is not in this
 * list, is of another kind or leads elsewhere is refused, and the refusal names the key: a profile
 * with a slip in it must not boot half a host.
 *
 * Services are those of /etc/chkconfig.db, which lists the scripts that are started, one a line:
 * `/etc/init.d/ntpd` is there where ntpd is on, and not where it is off. What is there already
 * stays where it is; what is new comes last, in the order of the profile.
 */

import { isUtf8, NO_BYTES, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { NAME_MAX_BYTES, PATH_MAX_BYTES, PROFILE_MAX_BYTES } from '../base/limits.ts';
import { EsxConf } from './esx-conf.ts';

/** A file that a profile puts in its place. */
export interface ProfileFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** What a host profile says. */
export interface HostProfile {
  /** Values by their keys; null takes a key away, with those below it. */
  readonly esxConf: ReadonlyMap<string, string | null>;
  /** By absolute path. */
  readonly files: ReadonlyMap<string, ProfileFile>;
  /** Whether each is on. */
  readonly services: ReadonlyMap<string, boolean>;
}

const VERSION = 1;
const DEFAULT_MODE = 0o644;
const KEYS: ReadonlySet<string> = new Set(['version', 'esxConf', 'files', 'services']);
const FILE_KEYS: ReadonlySet<string> = new Set(['content', 'base64', 'mode']);

/** Throws that `key` is not as it should be. */
type Refuse = (key: string, why: string) => never;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a host profile; `name` is what messages call it. Throws CorruptError that names the key
 * where it is none, or is too long.
 */
export function parseHostProfile(bytes: Uint8Array, name: string): HostProfile {
  const refuse: Refuse = (key, why) => {
    throw new CorruptError(name, 0, key === '' ? why : `${key} ${why}`);
  };
  if (bytes.length > PROFILE_MAX_BYTES) refuse('', `a host profile of ${bytes.length} bytes`);
  const whole = fieldsOf(jsonOf(bytes, refuse), '', refuse);
  for (const key of Object.keys(whole)) {
    if (!KEYS.has(key)) refuse(shown(key), `is no key of a host profile: ${[...KEYS].join(', ')}`);
  }
  if (whole['version'] !== VERSION) refuse('version', `has to be ${VERSION}`);
  return {
    esxConf: esxConfOf(fieldsOf(whole['esxConf'] ?? {}, 'esxConf', refuse), refuse),
    files: filesOf(fieldsOf(whole['files'] ?? {}, 'files', refuse), refuse),
    services: servicesOf(fieldsOf(whole['services'] ?? {}, 'services', refuse), refuse),
  };
}

const SCRIPTS = '/etc/init.d/';

/** `content`, a chkconfig.db, with `services` as they are to be. */
export function withServices(content: string, services: ReadonlyMap<string, boolean>): string {
  const scriptOf = (line: string): string => line.trim().replace(SCRIPTS, '');
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n');
  const kept = lines.filter((line) => services.get(scriptOf(line)) !== false);
  const there = new Set(kept.map(scriptOf));
  const added = [...services].filter(([name, isOn]) => isOn && !there.has(name));
  const all = [...kept, ...added.map(([name]) => SCRIPTS + name)];
  return all.map((line) => `${line}\n`).join('');
}

function jsonOf(bytes: Uint8Array, refuse: Refuse): unknown {
  if (!isUtf8(bytes)) refuse('', 'is no text, so no host profile');
  try {
    return JSON.parse(text(bytes));
  } catch (error) {
    return refuse('', `is no JSON: ${(error as Error).message.slice(0, 120)}`);
  }
}

function fieldsOf(value: unknown, key: string, refuse: Refuse): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return refuse(key, `${key === '' ? 'a host profile ' : ''}has to be an object`);
}

function shown(key: string): string {
  return JSON.stringify(key.slice(0, 80));
}

function esxConfOf(fields: Fields, refuse: Refuse): HostProfile['esxConf'] {
  const probe = EsxConf.parse(NO_BYTES);
  const found = Object.entries(fields).map(([key, value]): [string, string | null] => {
    const where = `esxConf[${shown(key)}]`;
    if (value !== null && typeof value !== 'string') refuse(where, 'has to be text, or null');
    try {
      probe.write(key, (value as string | null) ?? '');
    } catch (error) {
      refuse(where, `cannot be: ${(error as Error).message}`);
    }
    return [key, value as string | null];
  });
  return new Map(found);
}

function filesOf(fields: Fields, refuse: Refuse): HostProfile['files'] {
  const files = new Map<string, ProfileFile>();
  for (const [path, value] of Object.entries(fields)) {
    const where = `files[${shown(path)}]`;
    const problem = problemOf(path);
    if (problem !== null) refuse(where, problem);
    const file = fieldsOf(value, where, refuse);
    for (const key of Object.keys(file)) {
      if (!FILE_KEYS.has(key)) refuse(`${where}.${key.slice(0, 80)}`, 'is no key of a file');
    }
    files.set(path, { bytes: contentOf(file, where, refuse), mode: modeOf(file, where, refuse) });
  }
  for (const path of files.keys()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      if (files.has(above)) refuse(`files[${shown(path)}]`, `lies in ${shown(above)}, a file`);
    }
  }
  return files;
}

/** Why `path` is no place for a file; null where it is one. */
function problemOf(path: string): string | null {
  if (!path.startsWith('/') || path.includes('\0')) return 'is no absolute path';
  if (utf8(path).length >= PATH_MAX_BYTES) return 'is too long a path';
  const names = path.slice(1).split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    return 'has a part that is empty, . or ..';
  }
  if (names.some((name) => utf8(name).length > NAME_MAX_BYTES)) return 'has too long a name';
  return names.some((name) => name.startsWith('.#')) ? 'has a name that starts with .#' : null;
}

function contentOf(file: Fields, where: string, refuse: Refuse): Uint8Array {
  const { content, base64 } = file;
  if ((content === undefined) === (base64 === undefined)) {
    refuse(where, 'has to have either content or base64');
  }
  if (content !== undefined) {
    return typeof content === 'string' ? utf8(content) : refuse(`${where}.content`, 'is no text');
  }
  const isBase64 = typeof base64 === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
  if (!isBase64 || base64.length % 4 !== 0) return refuse(`${where}.base64`, 'is no base64');
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function modeOf({ mode }: Fields, where: string, refuse: Refuse): number {
  if (mode === undefined) return DEFAULT_MODE;
  if (typeof mode === 'string' && /^[0-7]{4}$/.test(mode)) return Number.parseInt(mode, 8);
  return refuse(`${where}.mode`, 'has to be four octal digits in quotes, such as "0644"');
}

function servicesOf(fields: Fields, refuse: Refuse): HostProfile['services'] {
  const found = Object.entries(fields).map(([name, value]): [string, boolean] => {
    const where = `services[${shown(name)}]`;
    if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) refuse(where, 'is no name of a service');
    if (value !== 'on' && value !== 'off') refuse(where, 'has to be "on" or "off"');
    return [name, value === 'on'];
  });
  return new Map(found);
}

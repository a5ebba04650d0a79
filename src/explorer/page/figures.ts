/**
 * Numbers and times as people read them.
 */

const UNITS = ['KiB', 'MiB', 'GiB'];
const grouped = new Intl.NumberFormat('en');

/** `1,351,361`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `2 files`, `1 file`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Bytes as `512 B`, `1.3 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = '';
  for (unit of UNITS) {
    value /= 1024;
    if (value < 1024) break;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `text` from an archive in one line: what steers a line, or its direction, is spelled out. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Seconds since 1970 as `2024-03-01 12:00:00`, in UTC. */
export function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  // A header may claim a time that no calendar has.
  return Number.isNaN(date.getTime()) ? '—' : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** `offset` as eight hex digits. */
export function hex(offset: number): string {
  return offset.toString(16).padStart(8, '0');
}

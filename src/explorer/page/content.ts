/**
 * What a file holds, as text, as bytes, or as a picture; text can be edited.
 */

import type { EntryRow, Piece } from '../protocol.ts';
import { button, fill, h } from './dom.ts';
import type { Drafts } from './drafts.ts';
import { count, hex, size } from './figures.ts';

/** What is shown as text at the most, and what may be edited. */
const TEXT_MAX_BYTES = 512 << 10;
const HEX_BYTES = 4096;
const LINE_BYTES = 16;
const ROWS_MIN_COUNT = 6;
const ROWS_MAX_COUNT = 24;
const PICTURE_MAX_BYTES = 4 << 20;

/** Types of pictures by how their bytes start. */
const PICTURES: readonly [start: string, type: string][] = [
  ['\x89PNG', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF8', 'image/gif'],
  ['RIFF', 'image/webp'],
  ['BM', 'image/bmp'],
  ['\0\0\x01\0', 'image/x-icon'],
  ['<svg', 'image/svg+xml'],
];

/** What the view needs. */
export interface ContentHost {
  readonly piece: (path: string, offset: number, length: number) => Promise<Piece>;
  /** Writes; false where it was refused. */
  readonly write: (path: string, text: string) => Promise<boolean>;
  readonly drafts: Drafts;
  readonly onError: (error: unknown) => void;
}

type Mode = 'Text' | 'Hex' | 'Image';

/** What `entry`, a file, holds. */
export async function contentView(entry: EntryRow, host: ContentHost): Promise<HTMLElement> {
  const { path } = entry;
  const { bytes, size: whole } = await host.piece(path, 0, TEXT_MAX_BYTES);
  const picture = pictureOf(bytes);
  const text = bytes.length === whole ? textOf(bytes) : null;
  // An editor for as long as the file shows: it knows what was saved since.
  const editing = textPane(path, bytes, whole, text, host);
  const pane = h('div', { class: 'pane' });
  const modes: Readonly<Record<Mode, (() => void | Promise<void>) | null>> = {
    Text: () => fill(pane, editing),
    Hex: () => fill(pane, hexPane(path, host)),
    Image:
      picture === null ? null : async () => fill(pane, await picturePane(entry, picture, host)),
  };
  const buttons = Object.entries(modes).flatMap(([mode, show]) =>
    show === null ? [] : [button(mode, () => choose(mode as Mode), { 'aria-pressed': 'false' })],
  );
  const choose = (mode: Mode): void => {
    for (const one of buttons) one.setAttribute('aria-pressed', String(one.textContent === mode));
    Promise.resolve(modes[mode]?.()).catch(host.onError);
  };
  choose(picture !== null ? 'Image' : text !== null ? 'Text' : 'Hex');
  const bar = h('div', { class: 'modes', role: 'group', 'aria-label': 'Shown as' }, ...buttons);
  return h('section', { class: 'content', 'aria-label': 'Content' }, bar, pane);
}

/** `bytes` as text; null where they are none. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: then it is bytes.
    return null;
  }
}

/** What the lines of `text` end in; null where that is more than one thing. */
function lineEndOf(text: string): string | null {
  if (!text.includes('\r')) return '\n';
  return /(^|[^\r])\n|\r(?!\n)/.test(text) ? null : '\r\n';
}

function pictureOf(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return PICTURES.find(([mark]) => start.startsWith(mark))?.[1] ?? null;
}

function textPane(
  path: string,
  bytes: Uint8Array,
  whole: number,
  text: string | null,
  host: ContentHost,
): HTMLElement {
  const ends = text === null ? null : lineEndOf(text);
  if (text === null || ends === null) {
    const shown = new TextDecoder().decode(bytes);
    const isCut = bytes.length < whole;
    const note = isCut
      ? `The first ${size(bytes.length)} of ${size(whole)}; as hex, all of it.`
      : text === null
        ? 'Not text in UTF-8: it cannot be edited here.'
        : 'Its lines end in more than one way: it cannot be edited here.';
    const label = { tabindex: 0, 'aria-label': `text of ${path}`, role: 'region' };
    return h('div', {}, h('p', { class: 'note' }, note), h('pre', label, shown));
  }
  const area = h('textarea', { 'aria-label': `text of ${path}`, spellcheck: 'false' });
  // A field has lines that end in \n, whatever they end in elsewhere.
  let before = text.replaceAll(ends, '\n');
  area.value = host.drafts.textOf(path, before);
  area.rows = Math.min(ROWS_MAX_COUNT, Math.max(ROWS_MIN_COUNT, before.split('\n').length + 1));
  const saving = button('Save', () => void save(), { disabled: true, class: 'primary' });
  const undo = button('Undo', () => reset(), { disabled: true });
  const mark = (): void => {
    host.drafts.keep(path, before, area.value);
    saving.disabled = area.value === before;
    undo.disabled = saving.disabled;
  };
  const reset = (): void => {
    area.value = before;
    mark();
    area.focus();
  };
  const save = async (): Promise<void> => {
    const value = area.value;
    saving.disabled = true;
    const isSaved = await host.write(path, value.replaceAll('\n', ends));
    if (isSaved) before = value;
    mark();
    // A button that is off has no focus: where it had it, the keys go on in the text.
    if (isSaved && document.activeElement === document.body) area.focus();
  };
  area.addEventListener('input', mark);
  mark();
  const note = h('span', { class: 'note' }, 'Saved into the ramdisk; the archive stays as it is.');
  return h('div', { class: 'editor' }, area, h('div', { class: 'actions' }, saving, undo, note));
}

function hexPane(path: string, host: ContentHost): HTMLElement {
  const shown = h('pre', { tabindex: 0, 'aria-label': `bytes of ${path}`, role: 'region' });
  const place = h('span', { class: 'note' });
  let offset = 0;
  /** As it was last read: an edit may have changed it. */
  let whole = 1;
  const back = button('Previous', () => go(offset - HEX_BYTES));
  const on = button('Next', () => go(offset + HEX_BYTES));
  const wanted = h('input', { 'aria-label': 'offset in hex', size: 9, value: '0' });
  const go = (to: number): void => {
    offset = Math.max(0, Math.min(to - (to % LINE_BYTES), Math.max(0, whole - 1)));
    offset -= offset % LINE_BYTES;
    const show = ({ bytes, size: found }: Piece): void => {
      whole = found;
      shown.textContent = hexLines(bytes, offset);
      const end = offset + bytes.length;
      place.textContent =
        whole === 0 ? '0 bytes' : `bytes ${count(offset)} to ${count(end)} of ${count(whole)}`;
      wanted.value = offset.toString(16);
      back.disabled = offset === 0;
      on.disabled = offset + HEX_BYTES >= whole;
    };
    host.piece(path, offset, HEX_BYTES).then(show, host.onError);
  };
  const form = h(
    'form',
    {
      class: 'actions',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        const to = Number.parseInt(wanted.value, 16);
        go(Number.isNaN(to) ? offset : to);
      },
    },
    ...[back, on, h('label', {}, 'at 0x ', wanted), place],
  );
  go(0);
  return h('div', {}, form, shown);
}

/** `bytes` from `offset` on as `hexdump -C` has them. */
function hexLines(bytes: Uint8Array, offset: number): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = [...bytes.subarray(at, at + LINE_BYTES)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, '0'));
    const pair = [digits.slice(0, 8).join(' '), digits.slice(8).join(' ')];
    const seen = line.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    const both = `${pair[0]!.padEnd(23)}  ${pair[1]!.padEnd(23)}`;
    lines.push(`${hex(offset + at)}  ${both}  ${seen.join('')}`);
  }
  return lines.join('\n');
}

async function picturePane(
  { path, name, size: whole }: EntryRow,
  type: string,
  host: ContentHost,
): Promise<HTMLElement> {
  if (whole > PICTURE_MAX_BYTES) {
    return h('p', { class: 'note' }, `Larger than ${size(PICTURE_MAX_BYTES)}: download it.`);
  }
  const { bytes } = await host.piece(path, 0, PICTURE_MAX_BYTES);
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  const image = h('img', { src: url, alt: name });
  const said = h('figcaption', {}, name);
  const done = (text: string) => (): void => {
    said.textContent = text;
    URL.revokeObjectURL(url);
  };
  image.addEventListener('load', () => {
    done(`${name}, ${image.naturalWidth} × ${image.naturalHeight}`)();
  });
  image.addEventListener('error', done(`${name} is no picture that this browser shows`));
  return h('figure', {}, image, said);
}

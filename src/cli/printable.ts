/**
 * Text from archives, made fit for a terminal.
 *
 * A name may hold newlines and escape sequences; printed as they are they would forge lines and
 * drive the terminal. They are shown as C writes them: `\n`, `\x1b`. JSON needs none of this.
 */

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` in one line without control characters. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
    return NAMED[character] ?? `\\x${hex}`;
  });
}

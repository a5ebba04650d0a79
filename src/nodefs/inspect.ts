/**
 * Values as node's messages show them, for platforms without util.inspect.
 *
 * Letter for letter for what is passed by mistake in practice: text, numbers, undefined, plain
 * objects that are small. Deeper things are shown by their JSON.
 */

/** `value` as util.inspect shows it, as far as error messages need. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return listed(value.map(shown));
  if (value instanceof Uint8Array) return `Uint8Array(${value.length}) ${listed([...value])}`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${JSON.stringify(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function listed(items: readonly (string | number)[]): string {
  return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`;
}

function quoted(text: string): string {
  const quote = !text.includes("'") ? "'" : !text.includes('"') ? '"' : "'";
  let out = '';
  for (const letter of text) {
    const code = letter.charCodeAt(0);
    if (letter === '\n') out += '\\n';
    else if (letter === '\t') out += '\\t';
    else if (letter === '\r') out += '\\r';
    else if (letter === '\\') out += '\\\\';
    else if (letter === quote) out += `\\${letter}`;
    else if (code < 0x20) out += `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else out += letter;
  }
  return `${quote}${out}${quote}`;
}

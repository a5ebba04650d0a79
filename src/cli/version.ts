/**
 * Which visorfs this is, as package.json has it.
 */

import fs from 'node:fs';

/** The version, as `1.2.3`. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

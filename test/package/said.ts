/**
 * What an example says that it prints, in comments behind its lines, and whether it did.
 *
 *   console.log(…); // what is printed
 *   vfs.changes(); // [{ path: '/a', change: 'added' }]
 *   host.isCached; // false: the server was there
 *
 * The value of an expression is said as an array, an object or a boolean; `, …` in it stands for
 * more. Comments that say something else promise nothing.
 */

import { expect } from 'vitest';

const PRINTED = /^\s*console\.log\(.*\); \/\/ (.*)$/;
const VALUE = /^(\s*)([a-z][\w.]*(?:\(.*\))?[\w.]*); \/\/ ([[{].*|true\b|false\b).*$/;
const MARK = 'said: ';

/** `code` as it prints, after MARK, the values that it says of expressions. */
export function outspoken(code: string): string {
  const lines = code.split('\n').map((line) => {
    if (PRINTED.test(line)) return line;
    return line.replace(VALUE, `$1console.log('${MARK}' + JSON.stringify($2)); // ${MARK}$3`);
  });
  return lines.join('\n');
}

/** Expects that `printed` by `code`, which is outspoken, is what that says. */
export function expectSaid(code: string, printed: string): void {
  const said = [...code.matchAll(new RegExp(PRINTED, 'gm'))].map(([, words]) => words!);
  const lines = printed === '' ? [] : printed.trimEnd().split('\n');
  const isAll = code.match(/\bconsole\.log\(/g)?.length === said.length;
  // Where an example prints more than it says, what it says is among that, in this order.
  if (isAll) expect(lines.length, printed).toBe(said.length);
  let at = 0;
  for (const words of said) {
    if (words.startsWith(MARK)) at = lines.findIndex((line, i) => i >= at && line.startsWith(MARK));
    else if (!isAll) at = lines.indexOf(words, at);
    expectLine(lines[at] ?? '', words);
    at += 1;
  }
}

function expectLine(line: string, words: string): void {
  if (!words.startsWith(MARK)) {
    expect(line).toBe(words);
    return;
  }
  const literal = words.slice(MARK.length).replaceAll(', …', '');
  const expected: unknown = new Function(`return ${literal};`)();
  const value: unknown = JSON.parse(line.slice(MARK.length));
  if (words.includes('…')) expect(value).toMatchObject(expected as object);
  else expect(value).toEqual(expected);
}

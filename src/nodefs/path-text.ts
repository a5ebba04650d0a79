/**
 * Paths as text, POSIX's way: what `path.posix` does, as far as realpath and readdir need it.
 */

/** `path` without `.`, `..` and doubled slashes; a relative one starts at `/`. */
export function resolvedPath(...paths: readonly string[]): string {
  let whole = '';
  for (const path of paths) whole = path.startsWith('/') ? path : `${whole}/${path}`;
  return `/${parts(whole, true).join('/')}`;
}

/** `name` in the directory `path`, normalized, relative where `path` is. */
export function joinedPath(path: string, name: string): string {
  const isAbsolute = path.startsWith('/');
  const joined = parts(`${path}/${name}`, isAbsolute).join('/');
  return isAbsolute ? `/${joined}` : joined || '.';
}

function parts(path: string, isAbsolute: boolean): string[] {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (!isAbsolute) out.push(part);
  }
  return out;
}

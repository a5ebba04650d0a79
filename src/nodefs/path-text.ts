/**
 * Paths as text, POSIX's way: what `path.posix` does, as far as realpath, readdir, cp and glob
 * need it.
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

/** The directory that `path` is in, as `dirname` has it. */
export function directoryOf(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const end = trimmed.lastIndexOf('/');
  if (end < 0) return '.';
  return trimmed.slice(0, end) || '/';
}

/** Whether `path` is `directory` or below it, by their text alone. */
export function isWithin(directory: string, path: string): boolean {
  const [outer, inner] = [resolvedPath(directory), resolvedPath(path)];
  return inner === outer || inner.startsWith(outer === '/' ? outer : `${outer}/`);
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

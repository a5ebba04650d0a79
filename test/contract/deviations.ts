/**
 * Where we go our own way, and why. A line here that no longer differs fails the suite.
 */

const ALL_OR_NOTHING =
  'a copy that fails leaves what it was to replace; libuv truncates and unlinks it';
const NO_WORKING_DIRECTORY =
  'node asks process.cwd() and takes anything for text; here cwd is / and paths are checked';

const DEVIATIONS: readonly (readonly [title: RegExp, why: string])[] = [
  [/^copyFile from dir(\/|link|link\/)? to (f|two|link|dangling) /, ALL_OR_NOTHING],
  [/^mkdir recursively past a long name /, 'nothing is left of what was made on the way'],
  [
    /^mkdir 'dangling\/x' recursively \((callback|promises)\)$/,
    "node's two ways of making directories differ; we have one, the synchronous",
  ],
  [
    /^realpath of (an empty path|plain bytes of nothing) \((sync|callback)\)$/,
    NO_WORKING_DIRECTORY,
  ],
  [/^realpath of (no path at all|an object|a boolean) \((sync|callback)\)$/, NO_WORKING_DIRECTORY],
  [/^realpath of bytes with NUL \((sync|callback)\)/, NO_WORKING_DIRECTORY],
  [
    /^realpath of a path too long \(promises\)$/,
    'libc walks the path before it minds its length; the kernel and we mind it first',
  ],
  [
    /^readFile .*of (a descriptor to write only|an open dir.*|a descriptor that is none) \(call/,
    'node loses the error of reading a descriptor (its callback flavour answers with no bytes)',
  ],
  [
    /^writeFile of nothing .*(read only|flag r) \(callback\)$/,
    'node writes nothing and is refused, here alone; in its other flavours it does not try',
  ],
  [/^readFile in (options )?buffer \(callback\)$/, 'a wrong call is thrown, not called back'],
  [
    /^readdir .*recursively.* \(callback\)$/,
    'node calls back before it returns, and throws what it should call back with',
  ],
  [
    /^readdir of '' recursively \(promises\)$/,
    'node lists depth first here and breadth first elsewhere; we always breadth first',
  ],
  [/^readv into none \(callback\)$/, 'node calls back before it returns'],
  [
    /^mkdtemp below .* \((callback|promises)\)$/,
    'node shows the letters it drew here and XXXXXX elsewhere; we always XXXXXX',
  ],
];

/** Why the probe `title` may differ, or undefined where it may not. */
export function deviation(title: string): string | undefined {
  return DEVIATIONS.find(([pattern]) => pattern.test(title))?.[1];
}

/**
 * What comes of a call that is wrong, on node's fs and on ours: what is thrown, called back or
 * promised, in words that can be compared.
 */

import type nodeFs from 'node:fs';
import { inspect } from 'node:util';
import type { HostileCall, Stage } from './hostile-calls.ts';

export type AnyFs = typeof nodeFs;
type Callable = Record<string, (...given: unknown[]) => unknown>;
export type Flavour = 'Sync' | 'callback' | 'promises';

/** How long an answer is waited for. */
const PATIENCE_MS = 5000;
/** The same of a stream: some of node's never say anything. */
const STREAM_PATIENCE_MS = 1000;

/** A scene of its own in `fs`. */
function staged(fs: AnyFs, root: string): Stage {
  fs.mkdirSync(`${root}/d`, { recursive: true });
  fs.writeFileSync(`${root}/f`, 'hello');
  fs.writeFileSync(`${root}/d/g`, 'g');
  fs.symlinkSync('f', `${root}/l`);
  return { root, fd: fs.openSync(`${root}/f`, 'r+') };
}

function closed(fs: AnyFs, { fd }: Stage): void {
  try {
    fs.closeSync(fd);
  } catch {
    // It was what the call was about.
  }
}

/** What `error` says; an error without a code is one that node did not mean. */
function words(error: unknown, root: string): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? ACCIDENT : `${name} ${code}: ${plain(message, root)}`;
}

/** What JavaScript itself threw, as nobody had checked. */
export const ACCIDENT = 'an error of JavaScript';

/** `text` without what is by chance: where the scene lies, what mkdtemp drew. */
function plain(text: string, root: string): string {
  return text.replaceAll(root, '').replace(/(\/t)[A-Za-z0-9]{6}'$/, "$1XXXXXX'");
}

function kind(value: unknown): string {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    return inspect(value);
  }
  if ('bytesRead' in value || 'bytesWritten' in value) return inspect({ ...value });
  return Array.isArray(value) ? 'Array' : (value.constructor?.name ?? 'Object');
}

/** How a call went: what it threw or gave, and by which way. */
async function outcome(run: () => unknown, root: string, later?: Promise<string>): Promise<string> {
  try {
    const result = run();
    if (later !== undefined) return await later;
    if (!(result instanceof Promise)) return plain(`gives ${kind(result)}`, root);
    return await result.then(
      (value) => plain(`promises ${kind(value)}`, root),
      (error) => `rejects ${words(error, root)}`,
    );
  } catch (error) {
    return `throws ${words(error, root)}`;
  }
}

/** What comes of `call` by its name, in a scene of its own at `root`. */
export async function ofCall(
  fs: AnyFs,
  root: string,
  call: HostileCall,
  how: Flavour,
): Promise<string> {
  const stage = staged(fs, root);
  const faces: Record<Flavour, Callable> = {
    Sync: fs as unknown as Callable,
    callback: fs as unknown as Callable,
    promises: fs.promises as unknown as Callable,
  };
  const face = faces[how];
  const args = call.args(stage);
  try {
    if (how === 'Sync') return await outcome(() => face[`${call.verb}Sync`]!(...args), root);
    if (how === 'promises') return await outcome(() => face[call.verb]!(...args), root);
    let tell: (answer: string) => void = () => {};
    const later = new Promise<string>((resolve) => {
      tell = resolve;
      setTimeout(() => resolve('is silent'), PATIENCE_MS);
    });
    const callback = (...answer: unknown[]): void => {
      const [error] = answer;
      const isError = error instanceof Error;
      tell(
        isError
          ? `calls back ${words(error, root)}`
          : plain(`calls back ${answer.map(kind)}`, root),
      );
    };
    return await outcome(() => face[call.verb]!(...args, callback), root, later);
  } finally {
    closed(fs, stage);
  }
}

/** What comes of `call` on a FileHandle of a scene of its own at `root`. */
export async function ofHandle(fs: AnyFs, root: string, call: HostileCall): Promise<string> {
  const stage = staged(fs, root);
  const handle = await fs.promises.open(`${root}/f`, 'r+');
  try {
    const face = handle as unknown as Callable;
    return await outcome(() => face[call.verb]!(...call.args(stage)), root);
  } finally {
    await handle.close();
    closed(fs, stage);
  }
}

/** What comes of `call`, which makes a stream, in a scene of its own at `root`. */
export async function ofStream(fs: AnyFs, root: string, call: HostileCall): Promise<string> {
  const stage = staged(fs, root);
  const make = (fs as unknown as Callable)[call.verb]!;
  try {
    const stream = make(...call.args(stage)) as nodeFs.ReadStream;
    return await new Promise<string>((resolve) => {
      stream.on('error', (error) => resolve(`emits ${words(error, root)}`));
      stream.on('open', () => resolve('opens'));
      stream.on('ready', () => resolve('is ready'));
      setTimeout(() => resolve('is silent'), STREAM_PATIENCE_MS);
    }).finally(() => stream.destroy());
  } catch (error) {
    return `throws ${words(error, root)}`;
  } finally {
    closed(fs, stage);
  }
}

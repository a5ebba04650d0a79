/**
 * What the types of packages leave out, as far as it is used.
 */

declare module 'proper-lockfile' {
  interface Options {
    readonly fs?: object;
    readonly retries?: object;
    readonly lockfilePath?: string;
    readonly stale?: number;
    readonly update?: number;
    readonly [option: string]: unknown;
  }
  const lockfile: {
    lock(file: string, options: Options): Promise<() => Promise<void>>;
    lockSync(file: string, options: Options): () => void;
    unlock(file: string, options: Options): Promise<void>;
    check(file: string, options: Options): Promise<boolean>;
    checkSync(file: string, options: Options): boolean;
  };
  export = lockfile;
}

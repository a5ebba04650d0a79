/**
 * Clients that bring no types: what the suite uses of them.
 */

declare module 'jsonfile' {
  interface Options {
    readonly fs: object;
    readonly spaces?: number;
    readonly EOL?: string;
  }
  const jsonfile: {
    readFile(file: string, options: Options): Promise<unknown>;
    readFileSync(file: string, options: Options): unknown;
    writeFile(file: string, value: unknown, options: Options): Promise<void>;
    writeFileSync(file: string, value: unknown, options: Options): void;
  };
  export = jsonfile;
}

declare module 'klaw' {
  import type { Stats } from 'node:fs';

  function klaw(root: string, options: object): AsyncIterable<{ path: string; stats: Stats }>;
  export = klaw;
}

declare module 'serve-handler' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  function handler(
    request: IncomingMessage,
    response: ServerResponse,
    options: object,
    methods: object,
  ): Promise<void>;
  export = handler;
}

declare module 'tar-fs' {
  import type { Readable, Writable } from 'node:stream';

  const tar: {
    pack(folder: string, options: object): Readable;
    extract(folder: string, options: object): Writable;
  };
  export = tar;
}

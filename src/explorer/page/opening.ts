/**
 * Opening what somebody gives, one thing after the other in the order in which it was given,
 * however much comes while the first is still read.
 */

import type { LayerInput, LayerRow } from '../protocol.ts';
import type { CallOptions, Client } from './client.ts';
import { fetched } from './fetching.ts';
import { counted } from './figures.ts';
import { withKey } from './key-dialog.ts';
import type { Status } from './status.ts';

/** Opens layers. */
export class Opening {
  readonly #client: Client;
  readonly #status: Status;
  /** To be told when there are other layers. */
  readonly #onOpen: () => Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  /** Under way or waiting. */
  #count = 0;

  constructor(client: Client, status: Status, onOpen: () => Promise<void>) {
    this.#client = client;
    this.#status = status;
    this.#onOpen = onOpen;
  }

  /** Opens `inputs`, one on top of the other; where one is refused, the others are opened still. */
  async open(inputs: readonly LayerInput[]): Promise<void> {
    const [first] = inputs;
    if (first === undefined) return;
    const named = inputs.length === 1 ? first.name : counted(inputs.length, 'layer');
    await this.#inTurn(`opening ${named}`, async (options) => {
      for (const input of inputs) await this.#one(input, options);
    });
  }

  /** Fetches what is at the address `text`, and opens it. */
  async openAddress(text: string): Promise<void> {
    await this.#inTurn(`fetching ${text.trim()}`, async (options) => {
      await this.#one(await fetched(text, this.#client, options), options);
    });
  }

  async #one(input: LayerInput, options: Required<CallOptions>): Promise<void> {
    const { signal } = options;
    signal.throwIfAborted();
    try {
      this.#tell(
        await withKey(input.name, (key) => this.#client.call('open', [input, key], options)),
      );
    } catch (error) {
      signal.throwIfAborted();
      this.#status.refuse(error);
    }
  }

  #tell({ name, tardisks, warnings, kind }: LayerRow): void {
    const files = tardisks.reduce((sum, tardisk) => sum + tardisk.files, 0);
    for (const message of warnings) this.#status.refuse({ message });
    const what = kind === 'state' ? 'restored' : `open: ${counted(files, 'file')}`;
    this.#status.say(`${name} is ${what}`);
  }

  async #inTurn(
    what: string,
    act: (options: Required<CallOptions>) => Promise<void>,
  ): Promise<void> {
    const before = this.#turn;
    const isWaiting = this.#count > 0;
    this.#count += 1;
    this.#status.clear();
    const job = this.#status.during(what, async (options) => {
      const { signal, onProgress } = options;
      try {
        if (isWaiting) onProgress({ done: 0, count: 0, what: `waiting: ${what}` });
        await before;
        onProgress({ done: 0, count: 0, what });
        signal.throwIfAborted();
        await act(options);
      } finally {
        // Some of it may be open, also where it was cancelled.
        await this.#onOpen();
      }
    });
    this.#turn = Promise.all([before, job]);
    await job;
    this.#count -= 1;
  }
}

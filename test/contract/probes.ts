/**
 * Probes: verb × situation. Each is run in every flavour it has, on the kernel and on ours.
 */

import type { AnyFs, Flavour } from './outcome.ts';

export interface Probe {
  readonly verb: string;
  readonly title: string;
  readonly flavours: readonly Flavour[];
  /** The arguments; what must be open for them is opened on `fs`. */
  given(fs: AnyFs): readonly unknown[];
}

/** The flavours of verbs on descriptors: promises have handles. */
export const BY_FD: readonly Flavour[] = ['sync', 'callback'];

const ALL: readonly Flavour[] = ['sync', 'callback', 'promises'];

/** Gathers probes of a scene at `p`. */
export class Probes {
  readonly all: Probe[] = [];
  readonly #scene: string;

  constructor(scene: string) {
    this.#scene = scene;
  }

  add = (
    flavours: readonly Flavour[],
    verb: string,
    title: string,
    given: (fs: AnyFs) => readonly unknown[],
  ): void => {
    this.all.push({ verb, title, flavours, given });
  };

  /** In all flavours. */
  on = (verb: string, title: string, ...given: unknown[]): void =>
    this.add(ALL, verb, title, () => given);

  /** In the synchronous flavour, for what the others do not have. */
  sync = (verb: string, title: string, ...given: unknown[]): void =>
    this.add(['sync'], verb, title, () => given);

  /** With a descriptor in front, whatever it is. */
  onFd = (verb: string, title: string, ...given: unknown[]): void =>
    this.add(BY_FD, verb, title, () => given);

  /** With a descriptor in front that `name` was opened by. */
  opened = (
    verb: string,
    title: string,
    name: string,
    flags: string | number,
    ...given: unknown[]
  ): void =>
    this.add(BY_FD, verb, title, (fs) => [fs.openSync(`${this.#scene}/${name}`, flags), ...given]);
}

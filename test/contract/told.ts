/**
 * One probe, asked where its scene was built: how it went, and what it left behind.
 */

import { type AnyFs, type Flavour, type Outcome, outcomeOf, wordsOf } from './outcome.ts';
import type { Probe } from './probes.ts';
import { pictureOf } from './scene.ts';

/** Where a probe is asked, with the scene built. */
export type Stage = () => AnyFs;

/** How a probe went, and what it left. */
export interface Told extends Outcome {
  readonly picture: readonly string[];
}

/** How `probe` went in `flavour`, and what it left of the scene at `scene`. */
export async function told(
  stage: Stage,
  scene: string,
  { verb, given }: Probe,
  flavour: Flavour,
): Promise<Told> {
  const on = stage();
  const made = given(on);
  const outcome = await outcomeOf(on, verb, flavour, made);
  const picture = pictureOf(on, scene);
  const fd = typeof made[0] === 'number' ? made[0] : verb === 'open' ? opened(outcome.result) : -1;
  close(on, fd);
  return verb === 'open' && fd >= 0 ? { how: outcome.how, picture } : { ...outcome, picture };
}

function opened(result: unknown): number {
  const [fd] = [result].flat();
  return typeof fd === 'number' ? fd : -1;
}

function close(on: AnyFs, fd: number): void {
  try {
    on.closeSync(fd);
  } catch (error) {
    // Probes with a descriptor that is none have nothing to close.
    if (!['EBADF', 'ERR_OUT_OF_RANGE'].includes(String(wordsOf(error)['code']))) throw error;
  }
}

/** For JSON, without which big integers and what is undefined would be lost. */
export function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value === undefined ? 'undefined' : value;
}

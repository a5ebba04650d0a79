/**
 * Our word, checked. An assertion is for what only a fault of ours can break; callers and archives
 * that err get errors of their own (errors.ts). Never caught.
 */

/** Throws `visorfs bug: …` where `fact` is not so. The message is made whether it is so or not. */
export function assert(fact: boolean, message: string): asserts fact {
  if (!fact) throw new Error(`visorfs bug: ${message}`);
}

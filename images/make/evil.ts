/**
 * Archives that lie, each in one way and named for its lie.
 *
 * `evil/claims.tsv` is their table: what each claims, and words of the error that refuses it. A lie
 * must be the only thing wrong with its archive, so that no other check can hide that one is
 * missing.
 */

/** An archive that must be refused. */
export interface EvilArchive {
  readonly name: string;
  /** What it claims that cannot be. */
  readonly claim: string;
  /** What the error that refuses it must say, word for word. */
  readonly words: string;
  readonly bytes: Uint8Array;
}

/** An EvilArchive. */
export function evil(name: string, claim: string, words: string, bytes: Uint8Array): EvilArchive {
  return { name, claim, words, bytes };
}

/** The lines of `evil/claims.tsv`: name, claim, words. */
export function claims(archives: readonly EvilArchive[]): string {
  return archives.map(({ name, claim, words }) => `${name}\t${claim}\t${words}\n`).join('');
}

/**
 * Answers to a stateless boot from anywhere but a folder: bytes, or an address of http or https,
 * which is fetched anew at each boot. A server that does not answer is not waited for, as there may
 * be a cache with the last one.
 *
 * Not here: what an answer is (state/answer.ts), and paths (node/path-answer.ts).
 */

import { ANSWER_MAX_BYTES } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { fetched, isHttp, type RetryOptions } from '../net/fetch.ts';
import { FetchError } from '../net/fetch-error.ts';
import { type Answer, stateOf } from '../state/answer.ts';

/** How to fetch an answer. */
export type AnswerOptions = Omit<RetryOptions, 'sha256'>;

/** The answer in `source`: a state.tgz or a host profile, which is read at each boot. */
export function sourceAnswer(source: Source, codec: Codec): Answer {
  const { name } = source;
  return {
    name,
    state: async (tree) => stateOf(readBytes(source, 0, source.size), name, codec, tree),
  };
}

/** The answer at `url`. Throws TypeError where that is no address of http or https. */
export function httpAnswer(url: URL, codec: Codec, options: AnswerOptions = {}): Answer {
  if (!isHttp(url)) throw new TypeError(`'${url.href}' is no address of http or https`);
  const name = url.href;
  return {
    name,
    async state(tree) {
      const source = await fetched(name, {
        maxBytes: ANSWER_MAX_BYTES,
        ...options,
        sha256: codec.sha256,
      });
      if (source === null) throw new FetchError(name, null, 'there is no answer');
      return stateOf(readBytes(source, 0, source.size), name, codec, tree);
    },
  };
}

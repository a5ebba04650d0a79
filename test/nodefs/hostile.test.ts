// What is no argument is refused as node refuses it: the same error, by the same way. Real node:fs
// is the judge.

import nodeFs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { freshFolder } from '../fuzz/fs-campaign.ts';
import {
  HANDLE_VERBS,
  type HostileCall,
  type HostileVerb,
  hostileCalls,
  ON_PURPOSE,
  STREAM_VERBS,
  VERBS,
} from './hostile-calls.ts';
import { ACCIDENT, type AnyFs, ofCall, ofHandle, ofStream } from './hostile-outcome.ts';

const PATIENCE_MS = 60_000;

let folder: string;
let turn = 0;

beforeAll(() => {
  folder = freshFolder();
});
afterAll(() => nodeFs.rmSync(folder, { recursive: true, force: true }));

/** `answer` as far as it is compared with node's. */
function compared(answer: string, { verb, written }: HostileCall): string {
  // Which of several things that are missing is named first is not.
  if (written.includes('nothing more')) return answer.split(':')[0]!.replace(/\d+$/, '');
  // Which descriptor it is, is left to chance.
  if (verb === 'open') return answer.replace(/\d+$/, 'a descriptor');
  // C++ says in words of its own what it received.
  return answer.replace(/("fd".*) Received .*/, '$1');
}

async function differences(
  how: string,
  verb: HostileVerb,
  act: (fs: AnyFs, root: string, call: HostileCall) => Promise<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const call of hostileCalls(verb)) {
    if (ON_PURPOSE.some(([calls]) => calls.test(`${how} ${call.written}`))) continue;
    const root = path.join(folder, String(turn++));
    const ours = new VisorFs().fs as unknown as AnyFs;
    const [theirs, mine] = [await act(nodeFs, root, call), await act(ours, root, call)];
    nodeFs.rmSync(root, { recursive: true, force: true });
    if (theirs.endsWith(ACCIDENT)) continue;
    if (compared(theirs, call) !== compared(mine, call)) {
      found.push(`${how} ${call.written}\n    node  ${theirs}\n    ours  ${mine}`);
    }
  }
  return found;
}

describe.each(['Sync', 'callback', 'promises'] as const)('wrong arguments, %s', (how) => {
  const there = VERBS.filter(({ verb }) => how !== 'promises' || verb in nodeFs.promises);
  test.each(there)(
    '$verb is refused as by node',
    async (verb) => {
      expect(await differences(how, verb, (...call) => ofCall(...call, how))).toEqual([]);
    },
    PATIENCE_MS,
  );
});

test.each(HANDLE_VERBS)(
  'FileHandle.$verb refuses as node does',
  async (verb) => {
    expect(await differences('handle', verb, ofHandle)).toEqual([]);
  },
  PATIENCE_MS,
);

test.each(STREAM_VERBS)(
  '$verb refuses as node does',
  async (verb) => {
    expect(await differences('stream', verb, ofStream)).toEqual([]);
  },
  PATIENCE_MS,
);

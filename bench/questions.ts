/**
 * Every question, in the order they are asked.
 */

import type { Question } from './question.ts';
import { append } from './questions/append.ts';
import { branch } from './questions/branch.ts';
import { create, mkdir, unlink } from './questions/create.ts';
import { depth, stacked } from './questions/depth.ts';
import { entries, stacks } from './questions/entries.ts';
import { fleet, workers } from './questions/fleet.ts';
import { fork } from './questions/fork.ts';
import { indexed } from './questions/indexed.ts';
import { large, stream, view } from './questions/large.ts';
import { memoryMade, memoryMounted } from './questions/memory.ts';
import { mountMany, mountTar, mountTgz, mountVibs } from './questions/mount.ts';
import { overwrite, truncate } from './questions/overwrite.ts';
import { promises, read } from './questions/read.ts';
import { readdir, walk } from './questions/readdir.ts';
import { remove } from './questions/remove.ts';
import { rename } from './questions/rename.ts';
import { snapshot } from './questions/snapshot.ts';
import { soak } from './questions/soak.ts';
import { sparse } from './questions/sparse.ts';
import { stat } from './questions/stat.ts';
import { state } from './questions/state.ts';
import { labels, traces } from './questions/trace.ts';

/** Every question. */
export const QUESTIONS: readonly Question[] = [
  mountTar,
  mountTgz,
  mountMany,
  mountVibs,
  entries,
  stacks,
  indexed,
  stat,
  depth,
  stacked,
  read,
  promises,
  large,
  view,
  stream,
  readdir,
  walk,
  traces,
  create,
  branch,
  append,
  overwrite,
  truncate,
  rename,
  unlink,
  mkdir,
  remove,
  labels,
  state,
  memoryMounted,
  memoryMade,
  sparse,
  soak,
  fork,
  snapshot,
  fleet,
  workers,
];

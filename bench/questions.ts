/**
 * Every question, in the order they are asked.
 */

import type { Question } from './question.ts';
import { append } from './questions/append.ts';
import { branch } from './questions/branch.ts';
import { create, unlink } from './questions/create.ts';
import { memoryBase, memoryMade, memoryMany } from './questions/memory.ts';
import { mountMany, mountTar, mountTgz } from './questions/mount.ts';
import { read } from './questions/read.ts';
import { readdir } from './questions/readdir.ts';
import { rename } from './questions/rename.ts';
import { sparse } from './questions/sparse.ts';
import { stat } from './questions/stat.ts';

/** Every question. */
export const QUESTIONS: readonly Question[] = [
  mountTar,
  mountTgz,
  mountMany,
  stat,
  read,
  readdir,
  create,
  unlink,
  append,
  branch,
  rename,
  memoryBase,
  memoryMany,
  memoryMade,
  sparse,
];

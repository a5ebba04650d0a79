/**
 * One question to one peer in a process of its own: the answer goes to stdout as JSON.
 *
 * Started by main.ts; not a command of its own.
 */

import { PEERS } from './peers.ts';
import { NotHere } from './question.ts';
import { QUESTIONS } from './questions.ts';
import type { Answer } from './rounds.ts';
import { isScaleName, SCALES } from './scale.ts';
import { openShelf } from './shelf.ts';

const [name, asked, scaleName, folder] = process.argv.slice(2);
const question = QUESTIONS.find((known) => known.name === name);
const peer = PEERS.find((known) => known === asked);
const isComplete = question !== undefined && peer !== undefined && folder !== undefined;
if (!isComplete || !isScaleName(scaleName)) {
  throw new TypeError('usage: child QUESTION PEER SCALE FOLDER');
}

async function answer(): Promise<Answer> {
  const scale = SCALES[scaleName as keyof typeof SCALES];
  try {
    return { readings: await question!.ask(peer!, scale, openShelf(folder!, scale)) };
  } catch (error) {
    if (error instanceof NotHere) return { notHere: error.message };
    throw error;
  }
}

process.stdout.write(JSON.stringify(await answer()));

/**
 * One question to one peer in a process of its own: the readings go to stdout as JSON.
 *
 * Started by main.ts; not a command of its own.
 */

import type { Peer } from './peers.ts';
import { QUESTIONS } from './questions.ts';
import { isScaleName, SCALES } from './scale.ts';
import { openShelf } from './shelf.ts';

const [name, peer, scaleName, folder] = process.argv.slice(2);
const question = QUESTIONS.find((known) => known.name === name);
if (question === undefined || !isScaleName(scaleName) || folder === undefined) {
  throw new Error('usage: child QUESTION PEER SCALE FOLDER');
}
const scale = SCALES[scaleName];
const shelf = openShelf(folder, scale);
const readings = await question.ask(peer as Peer, scale, shelf);
process.stdout.write(JSON.stringify(readings));

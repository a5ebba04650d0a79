/**
 * Writes visorfs.1 beside the built command: `node dist/cli/man.js dist/man`, as the build does.
 */

import fs from 'node:fs';
import path from 'node:path';
import { manual } from './program.ts';

const [folder = '.'] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'visorfs.1'), manual());

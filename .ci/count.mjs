// Counts the tests of a Vitest JSON report: prints a sentence, or with --numbers "passed failed".
// Fails where the report is missing or no test ran.

import { readFileSync } from 'node:fs';

const [file, how] = process.argv.slice(2);
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8'));
if (how === '--numbers') process.stdout.write(`${numPassedTests} ${numFailedTests}\n`);
else {
  process.stdout.write(
    `tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`,
  );
}
if (!(numPassedTests > 0)) process.exit(1);

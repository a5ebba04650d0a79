// Counts the tests of Vitest's JSON reports: prints a sentence for each, or with --numbers "passed
// failed" of all together. Fails where a report is missing or has no test that passed.

import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const reports = args
  .filter((arg) => arg !== '--numbers')
  .map((file) => {
    return { file, ...JSON.parse(readFileSync(file, 'utf8')) };
  });
if (args.includes('--numbers')) {
  const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
  process.stdout.write(`${sum('numPassedTests')} ${sum('numFailedTests')}\n`);
} else {
  for (const { file, numPassedTests, numFailedTests, numPendingTests } of reports) {
    process.stdout.write(
      `${file}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`,
    );
  }
}
if (!reports.every(({ numPassedTests }) => numPassedTests > 0)) process.exit(1);

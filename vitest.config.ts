import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Rooms whose tests leave the process as it was, so that one process runs their files one after
 * the other, with one copy of the sources.
 */
const SHARED = ['base', 'codec', 'disk', 'format', 'layer', 'lifecycle', 'lint', 'model', 'net']
  .concat(['report', 'software', 'state', 'store', 'vfs'])
  .map((room) => `test/${room}/**/*.test.ts`);
// `npm run test:package` runs these.
const PACKAGE = 'test/package/**';

export default defineConfig({
  test: {
    // One more than there are cores: many tests wait for a process, a browser or a clock.
    maxWorkers: availableParallelism() + 1,
    // What is compared with the kernel takes a minute where neighbours are at work.
    testTimeout: 240_000,
    // Some compile the sources first.
    hookTimeout: 240_000,
    projects: [
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...SHARED, PACKAGE],
        },
      },
    ],
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One more than there are cores: many tests wait for a process, a browser or a clock.
    maxWorkers: availableParallelism() + 1,
    include: ['test/**/*.test.ts'],
    // `npm run test:package` runs these.
    exclude: ['test/package/**'],
    // What is compared with the kernel takes a minute where neighbours are at work.
    testTimeout: 240_000,
    // Some compile the sources first.
    hookTimeout: 240_000,
  },
});

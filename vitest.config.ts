import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Vitest leaves a core to watchers; there is nobody to watch.
    maxWorkers: '100%',
    include: ['test/**/*.test.ts'],
    // What is compared with the kernel takes a minute where neighbours are at work.
    testTimeout: 240_000,
    // Some compile the sources first.
    hookTimeout: 240_000,
  },
});

import { defineConfig } from 'vitest/config';

// `npm run test:package`: what is asked of the package as npm installs it, and of the documents'
// examples over it. Apart from `npm test`, for which it would be too slow.
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: 'test/package/setup.ts',
    testTimeout: 120_000,
  },
});

import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native parts (DuckDB) and module hooks want processes of their own; two cores, two workers.
    pool: 'forks',
    maxWorkers: 2,
    // The processes that tests start need not compile everything anew.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'polku') },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { shuffle: { files: true, tests: false } },
  },
})

import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const nodes = join(import.meta.dirname, 'nodes')

export default defineConfig({
  // A client's own nodes lie outside the project and import it by its name, as package.json's exports say.
  resolve: {
    alias: [
      { find: /^polku\/node$/, replacement: join(nodes, 'node.ts') },
      { find: /^polku\/sql$/, replacement: join(nodes, 'lib', 'sql.ts') },
      { find: /^polku\/lib\/(.*)$/, replacement: join(nodes, 'lib', '$1.ts') },
    ],
  },
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

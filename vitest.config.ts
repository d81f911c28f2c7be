import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { hangs } from './test/fixtures/hangs.ts'

const nodes = join(import.meta.dirname, 'nodes')

// A file's name tells its tier: `x.test.ts` is of the fast one, `x.slow.test.ts` of the slow one, `x.both.test.ts` of
// both, with less in the fast one. Without a tier everything is included, so that any file can be run by its path.
const tiers: Record<string, { ending: string; exclude: string[] }> = {
  fast: { ending: 'test.ts', exclude: ['test/**/*.slow.test.ts'] },
  slow: { ending: '{slow,both}.test.ts', exclude: [] },
}
const { ending, exclude } = tiers[process.env.POLKU_TIER ?? ''] ?? { ending: 'test.ts', exclude: [] }

// What leaves nothing in its process (no environment, no patched module, no kernel) shares one with others:
// loading the project anew for every file takes longer than most of them.
const together = [
  'test/{repository,docs,examples,flows,nodes}/**/*',
  'test/runtime/{errors,data,html,catalogue,model,step,flow,engine,retention}/**/*',
  'test/runtime/run/**/!(power-cut)',
  'test/runtime/notebook/{diff,render}/**/*',
  'test/runtime/{client,console}/**/*',
  'test/runtime/server/{http,access}/**/*',
  'test/runtime/server/routes/*',
].map((pattern) => `${pattern}.${ending}`)

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
    // Native parts (DuckDB) and module hooks want processes, not threads; two cores, two workers.
    pool: 'forks',
    maxWorkers: 2,
    // The processes that tests start need not compile everything anew.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'polku') },
    testTimeout: hangs,
    hookTimeout: hangs,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: [`test/**/*.${ending}`],
          exclude: [...together, ...exclude],
          globalSetup: './test/browser/server.ts',
        },
      },
      { extends: true, test: { name: 'together', include: together, exclude, isolate: false } },
    ],
  },
})

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const nodes = join(import.meta.dirname, 'nodes')

// What leaves nothing in its process (no environment, no patched module, no kernel) shares one with others:
// loading the project anew for every file takes longer than most of them.
const together = [
  'test/{examples,flows,nodes}/**/*.test.ts',
  'test/runtime/{data,html,catalogue,model,step,flow}/**/*.test.ts',
  'test/runtime/run/**/!(power-cut).test.ts',
  'test/runtime/notebook/{diff,render}/**/*.test.ts',
]

// Those that take longest, the longest first.
const long = [
  'runtime/service/chaos/chaos',
  'browser/notebook-report',
  'notebooks/example-client',
  'browser/report',
  'browser/console',
  'runtime/notebook/tslab/tslab',
  'runtime/service/queue/queue',
  'runtime/service/worker/survival/postgres',
  'runtime/service/worker/survival/lost',
  'nodes/cases',
  'runtime/run/kill',
  'flows/propensity',
  'runtime/notebook/execute/execute',
  'runtime/run/power-cut',
  'notebooks/real-data',
  'runtime/notebook/step/flow',
  'runtime/notebook/kernel/jupyter',
]

/** The long ones first, so that two workers end together; the others by chance, those that share a process last. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): string => {
      const at = long.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`))
      const chance = createHash('sha256').update(`${this.ctx.config.sequence.seed} ${moduleId}`).digest('hex')
      return `${project.name} ${String(at < 0 ? long.length : at).padStart(3, '0')} ${chance}`
    }
    return files.toSorted((left, right) => (place(left) < place(right) ? -1 : 1))
  }
}

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
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: together } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
  },
})

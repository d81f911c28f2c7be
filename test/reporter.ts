import { appendFileSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

const projectRoot = join(import.meta.dirname, '..')

/** Why a file is, or is also, of the slow tier: its line `// Slow: …`. */
const slowReason = (file: string): string =>
  /^\/\/ Slow: (.+?)\.?$/m.exec(readFileSync(join(projectRoot, file), 'utf8'))?.[1] ?? 'no reason is given'

/** Says at the end of the fast tier what it left out and why, and hands the counts to who sums both tiers. */
export default class TierReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    if (process.env.POLKU_TIER === 'fast') printLeftOut()
    const { POLKU_TEST_COUNTS: counts } = process.env
    if (counts) appendFileSync(counts, `${countsOf(modules, unhandled.length).join(' ')}\n`)
  }
}

function printLeftOut(): void {
  const byReason = Map.groupBy(globSync('test/**/*.{slow,both}.test.ts', { cwd: projectRoot }), slowReason)
  console.log('Left out here, and run by npm run test:slow:')
  for (const [reason, { length }] of [...byReason].sort())
    console.log(`  ${length} ${length === 1 ? 'file' : 'files'}: ${reason}`)
}

/** How many tests passed, failed and were skipped; a file or a hook that failed counts as one. */
function countsOf(modules: readonly TestModule[], unhandled: number): [number, number, number] {
  const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
  const count = (state: string): number => states.filter((one) => one === state).length
  const hooks = modules.flatMap((module) => [module, ...module.children.allSuites()]).flatMap((one) => one.errors())
  return [count('passed'), count('failed') + hooks.length + unhandled, count('skipped') + count('pending')]
}

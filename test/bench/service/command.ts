import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, withoutPostgres } from '../../fixtures/postgres.ts'
import { median } from '../figures.ts'
import { Asking } from './asking.ts'
import { type BenchSettings, printFigures, type ServiceFigures } from './figures.ts'
import { load } from './load.ts'
import { writePastRuns } from './past-runs.ts'
import { startServed } from './served.ts'
import { writeWorkspace } from './workspace.ts'

/** Measures the service as a person's program sees it, over HTTP, on both databases, and prints what it found. */
export async function benchServiceCommand(settings: BenchSettings): Promise<void> {
  console.log(`${cpus().length} × ${cpus()[0]?.model}.`)
  const figures: ServiceFigures[] = [await measure('PGlite', undefined, settings)]
  if (withoutPostgres !== undefined) console.log(`Nothing is measured on PostgreSQL: ${withoutPostgres}.`)
  else {
    const server = await startPostgres()
    try {
      figures.push(await measure('PostgreSQL', await server.database(), settings))
    } finally {
      await server.end()
    }
  }
  printFigures(figures, settings)
}

async function measure(name: string, database: string | undefined, settings: BenchSettings): Promise<ServiceFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'polku-bench-'))
  console.log(`${name}: starting, with ${settings.pastRuns} past runs.`)
  try {
    writeWorkspace(folder, settings.repeat)
    const first = await startServed(folder, database, { isFirst: true })
    const { token } = first
    if (token === undefined) throw new Error('The service told no token at its first start.')
    await first.end()
    await writePastRuns(folder, database, settings.pastRuns)
    const served = await startServed(folder, database)
    const asking = new Asking(served, token)
    try {
      await asking.listen()
      return { name, ready: served.ready, ...(await measureRuns(asking, served, settings)) }
    } finally {
      asking.end()
      await served.end()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What nothing has done before: its steps are never kept from an earlier run. */
let fresh = 0
const params = () => {
  fresh += 1
  return { add: fresh }
}

async function measureRuns(asking: Asking, served: Awaited<ReturnType<typeof startServed>>, settings: BenchSettings) {
  for (let warm = 0; warm < 3; warm += 1) await asking.run('forty', params())
  const forty = []
  const each = []
  for (let round = 0; round < settings.repeat; round += 1) forty.push(await asking.run('forty', params()))
  for (let round = 1; round <= settings.repeat; round += 1) each.push(await asking.run(`each-${round}`, {}))
  console.log('  reads')
  const reads = await measureReads(asking)
  console.log(`  load: ${settings.perMinute} runs a minute for ${settings.seconds} s`)
  const loaded = await load(() => asking.run('two', params()), served, settings)
  return {
    forty: median(forty.map(({ done }) => done)),
    firstStep: median(forty.map(({ firstStep }) => firstStep)),
    each: median(each.map(({ done }) => done)),
    reads,
    loaded,
  }
}

const rounds = 1000

/** The 99th percentile of each kind of read, in ms. */
async function measureReads(asking: Asking): Promise<Record<string, number>> {
  const { items, next } = JSON.parse(await asking.read('/clients/light/runs?limit=50')) // by the API's schema
  const paths = {
    'a page of runs': '/clients/light/runs?limit=50',
    'the next page': `/clients/light/runs?limit=50&cursor=${next}`,
    'failed runs': '/clients/light/runs?state=failed&limit=50',
    'runs of a flow': '/clients/light/runs?flow=two&limit=50',
    'a run': `/clients/light/runs/${items[0].id}`,
    clients: '/clients',
  }
  const percentiles: Record<string, number> = {}
  for (const [name, path] of Object.entries(paths)) {
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now()
      await asking.read(path)
      times.push(performance.now() - begun)
    }
    percentiles[name] = times.sort((left, right) => left - right)[Math.floor(rounds * 0.99)] ?? 0
  }
  return percentiles
}

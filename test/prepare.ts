import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

// Runs before the tests. The scripts must run on the Node that package.json pins: an install without
// its scripts leaves no such binary, and npm then falls back to the system's Node without a word.
const major = Number(process.versions.node.split('.')[0])
if (major !== 24 || !process.execPath.includes('node_modules')) {
  console.error(
    `The scripts run on Node ${process.version} (${process.execPath}), not on the pinned Node 24. Install again with scripts allowed: npm ci`,
  )
  process.exit(1)
}
console.log(`Node ${process.version}, as pinned.`)

interface Part {
  readonly name: string
  readonly packages: readonly string[]
  readonly isThere: () => boolean
}

/** The versions of a PostgreSQL that bring a server. */
const versionsOf = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((version) => existsSync(join(folder, version, 'bin', 'initdb'))) : []

// What comes from Debian. Where it can be installed it is; elsewhere the tests that need it skip and say so.
const parts: readonly Part[] = [
  { name: 'Chromium', packages: ['chromium'], isThere: () => existsSync('/usr/bin/chromium') },
  {
    name: 'Jupyter',
    packages: ['jupyter-nbconvert', 'python3-nbclient', 'python3-ipykernel'],
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import nbconvert, nbclient, ipykernel']).status === 0,
  },
  { name: 'PostgreSQL', packages: ['postgresql'], isThere: () => versionsOf('/usr/lib/postgresql').length > 0 },
]

const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
const absent = parts.filter((part) => !part.isThere())
if (absent.length > 0 && canInstall) {
  console.log(`Installing ${absent.map(({ name }) => name).join(' and ')} for the tests.`)
  const packages = absent.flatMap((part) => part.packages)
  for (const command of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { status, stderr } = spawnSync('apt-get', command, { env: environment, encoding: 'utf8' })
    if (status !== 0) console.log(`apt-get ${command[0]} failed: ${stderr.trim().split('\n').at(-1)}`)
  }
}
for (const part of absent)
  if (!part.isThere()) console.log(`There is no ${part.name} here: the tests that need it will skip.`)

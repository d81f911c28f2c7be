import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

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

// The browser tests need a Chromium. Where it can be installed it is; elsewhere they skip and say so.
const chromium = '/usr/bin/chromium'
const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
if (!existsSync(chromium) && canInstall) {
  console.log('Installing Chromium for the browser tests.')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const command of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const { status, stderr } = spawnSync('apt-get', command, { env: environment, encoding: 'utf8' })
    if (status !== 0) console.log(`apt-get ${command[0]} failed: ${stderr.trim().split('\n').at(-1)}`)
  }
}
if (!existsSync(chromium)) console.log('There is no Chromium here: the browser tests will skip.')

import { missingParts } from './fixtures/parts.ts'

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

// Nothing is installed on the system here. The slow tier skips what needs an absent part.
if (process.argv[2] === 'slow')
  for (const { reason, remedy } of missingParts()) console.log(`Skipped: ${reason} ${remedy}`)

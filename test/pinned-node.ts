// The scripts must run on the Node that package.json pins. An install without its scripts leaves no
// such binary, and npm then falls back to the system's Node without a word.
const major = Number(process.versions.node.split('.')[0])
const pinned = process.execPath.includes('node_modules')
if (major !== 24 || !pinned) {
  console.error(`The scripts run on Node ${process.version} (${process.execPath}), not on the pinned Node 24. Install again with scripts allowed: npm ci`)
  process.exit(1)
}
console.log(`Node ${process.version}`)

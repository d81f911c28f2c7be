import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Loaded before a program that is measured: writes the process's peak memory in megabytes to file descriptor 3.
if (isMainThread)
  process.on('exit', () => {
    // resourceUsage counts kilobytes.
    writeSync(3, String(process.resourceUsage().maxRSS / 1024))
  })

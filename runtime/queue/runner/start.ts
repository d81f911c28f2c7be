import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// As the command line's: what Node compiles is kept for the next process.
enableCompileCache(join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'polku'))
await import('./main.ts')

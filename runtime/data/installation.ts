import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json: Polku's own, not a workspace. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** For what can be made again: compiled code, a type checker's start. */
export const cacheFolder = join(projectRoot, 'node_modules', '.cache', 'polku')

// package.json is ours and has a version.
const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
export const polkuVersion = version

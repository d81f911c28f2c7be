import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderHash, installedPackage } from '../catalogue/code-hash.ts'
import { duckdbVersion } from '../data/database.ts'
import { hashText } from '../data/hash.ts'
import { projectRoot } from '../data/installation.ts'

/** What does a step's work beside its node. The runtime uses what nodes share, whether a step's node does or not. */
const folders = ['nodes/lib', 'runtime/data', 'runtime/catalogue', 'runtime/model', 'runtime/step']

const packages = ['@tensorflow/tfjs', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm']

let cached: string | undefined

/** The version of everything that can change a step's result beside its node. Part of every cache key. */
export function engineVersion(): string {
  cached ??= engineVersionOf(projectRoot)
  return cached
}

/** The version of the engine that lies in `root`. */
export function engineVersionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string } // Polku's has one
  const code = hashText(folders.map((folder) => folderHash(join(root, folder))).join()).slice(0, 12)
  const tensorflow = packages.map((name) => installedPackage(name, root)?.version)
  return `${version}+${code}, duckdb ${duckdbVersion}, tfjs ${tensorflow.join(' ')}`
}

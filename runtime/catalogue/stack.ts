import { existsSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectRoot } from '../data/installation.ts'
import type { Position } from '../errors/errors.ts'

/** The position that a line of a stack names: `at run (file:///…/rfm.ts?polku-code=…:12:5)`. */
export function positionOfFrame(frame: string): Required<Pick<Position, 'file' | 'line' | 'column'>> | undefined {
  // A folder may have brackets in its name, and what Node calls `node:internal/fs/promises` is no file.
  const [, address = '', line, column] =
    /(?:\(|^at (?:async )?)((?:file:\/\/)?\/.*?)(?:\?[^:]*)?:(\d+):(\d+)\)?$/.exec(frame.trim()) ?? []
  if (address === '' || address.includes('<anonymous>')) return undefined
  return { file: pathOf(address), line: Number(line), column: Number(column) }
}

/** The path of a module's address. */
export const pathOf = (address: string): string => {
  const plain = address.replace(/\?[^?]*$/, '')
  return plain.startsWith('file:') ? fileURLToPath(plain) : plain
}

/** The folder of all nodes of the workspace that a node's file is of; undefined for Polku's own and those that are no files. */
export function ownNodesFolder(file: string): string | undefined {
  if (!file.endsWith('.ts') || !existsSync(file) || file.startsWith(join(projectRoot, 'nodes') + sep)) return undefined
  return dirname(dirname(dirname(file)))
}

/** Where in `folder` an error was thrown: undefined where code elsewhere threw it. */
export function thrownIn(error: Error, folder: string): Position | undefined {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const position = frames.map(positionOfFrame).find((each) => each !== undefined)
  return position?.file.startsWith(folder + sep) ? position : undefined
}

import { hashText } from '../data/files.ts'
import type { Cell } from './cells.ts'

/** A hash of each code cell and all before it. `start` is what else the run depends on. */
export function chainHashes(cells: readonly Cell[], start: string): ReadonlyMap<number, string> {
  const hashes = new Map<number, string>()
  let hash = hashText(start)
  for (const [index, cell] of cells.entries()) {
    if (cell.cell_type !== 'code') continue
    hash = hashText(`${hash}\n${cell.source}`)
    hashes.set(index, hash)
  }
  return hashes
}

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { Fail, Settings } from './settings.ts'

export type Compression = 'none' | 'gzip'

const chunkBytes = 1 << 20

/** The bytes of a file, unpacked, in pieces of up to a megabyte. */
async function* chunks(path: string, compression: Compression): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  if (compression === 'none') {
    yield* file
    return
  }
  const unpacked = createGunzip({ chunkSize: chunkBytes })
  file.on('error', (error) => unpacked.destroy(error))
  file.pipe(unpacked)
  try {
    yield* unpacked
  } finally {
    file.destroy()
  }
}

const isCode = (error: unknown, pattern: RegExp): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && pattern.test(error.code)

/** Like `chunks`. Fails with `gzip` where the file is damaged or ends too early, with `unreadable` where the system refuses it. */
export async function* readChunks(path: string, compression: Compression, fail: Fail): AsyncGenerator<Buffer> {
  try {
    yield* chunks(path, compression)
  } catch (error) {
    if (isCode(error, /^Z_/)) fail('gzip', { file: basename(path), actual: error.message })
    if (isCode(error, /^(ENOENT|EISDIR|EACCES|EPERM|ENOTDIR)$/))
      fail('unreadable', { file: basename(path), actual: error.code ?? error.message })
    throw error
  }
}

async function firstBytes(path: string, count: number, fail: Fail): Promise<Buffer> {
  for await (const chunk of readChunks(path, 'none', fail)) return chunk.subarray(0, count)
  return Buffer.alloc(0)
}

/** How the file is compressed: as the setting says, or by its first bytes. */
export async function compressionOf(path: string, setting: Settings['compression'], fail: Fail): Promise<Compression> {
  if (setting !== 'auto') return setting
  const start = await firstBytes(path, 3, fail)
  return start[0] === 0x1f && start[1] === 0x8b && start[2] === 8 ? 'gzip' : 'none'
}

export interface Head {
  readonly bytes: Buffer
  /** Whether it is all there is. */
  readonly whole: boolean
}

/** The first `limit` bytes of a file, unpacked, or all where there are fewer. */
export async function readHead(path: string, compression: Compression, limit: number, fail: Fail): Promise<Head> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const chunk of readChunks(path, compression, fail)) {
    pieces.push(chunk)
    size += chunk.length
    if (size > limit) return { bytes: Buffer.concat(pieces).subarray(0, limit), whole: false }
  }
  return { bytes: Buffer.concat(pieces), whole: true }
}

/** The last `count` bytes of a plain file. */
export async function readTail(path: string, count: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const length = Math.min(count, size)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer
  } finally {
    await file.close()
  }
}

/** Pieces of `size` bytes from all over a plain file, whole lines each, from the byte `start` on. */
export async function readWindows(path: string, start: number, count: number, size: number): Promise<Buffer[]> {
  const file = await open(path)
  try {
    const end = (await file.stat()).size
    const pieces: Buffer[] = []
    for (let k = 1; k <= count; k++) {
      const at = Math.floor(start + ((end - size - start) * k) / count)
      if (at < start) break
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, at)
      const from = buffer.indexOf(10) + 1
      const to = buffer.lastIndexOf(10, bytesRead - 1) + 1
      if (from > 0 && to > from) pieces.push(buffer.subarray(from, to))
    }
    return pieces
  } finally {
    await file.close()
  }
}

interface Foreign {
  readonly actual: string
  readonly right: string
}

const saveAsCsv = 'Save the sheet as CSV (UTF-8) first.'
const magic: readonly (readonly [string, Foreign])[] = [
  ['504b0304', { actual: 'a ZIP archive', right: 'Unpack it first.' }],
  ['d0cf11e0', { actual: 'an Excel workbook (xls)', right: saveAsCsv }],
  ['50415231', { actual: 'a Parquet file', right: 'Use import/parquet.' }],
  ['25504446', { actual: 'a PDF', right: 'Ask for the data as CSV.' }],
  ['53514c69746520666f726d6174', { actual: 'an SQLite database', right: 'Export the table as CSV first.' }],
  ['1f8b', { actual: 'a gzip file', right: 'Set compression: gzip or auto.' }],
  ['425a68', { actual: 'a bzip2 file', right: 'Unpack it first.' }],
  ['28b52ffd', { actual: 'a Zstandard file', right: 'Unpack it first.' }],
  ['fd377a585a', { actual: 'an xz file', right: 'Unpack it first.' }],
  ['377abcaf271c', { actual: 'a 7z archive', right: 'Unpack it first.' }],
]

/** What a file is that is no text table, by how it begins; undefined for what may be one. */
export function foreignFormat(head: Buffer): Foreign | undefined {
  const hex = head.subarray(0, 16).toString('hex')
  const format = magic.find(([start]) => hex.startsWith(start))?.[1]
  if (format?.actual === 'a ZIP archive' && head.includes('[Content_Types].xml'))
    return { actual: 'an Excel workbook (xlsx)', right: saveAsCsv }
  if (format) return format
  const text = head
    .subarray(0, 200)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase()
  if (/^(<!doctype html|<html|<table)/.test(text)) return { actual: 'an HTML page', right: 'Save it as CSV first.' }
  if (/^(\{\s*"|\[\s*\{)/.test(text)) return { actual: 'JSON', right: 'Save it as CSV first.' }
  return undefined
}

/** Whether bytes are no text at all: more than one in twenty is a control character that no text has (a few may be a slip). */
export function isBinary(bytes: Buffer): boolean {
  let controls = 0
  // An index: going through a buffer by its iterator costs ten times as much.
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < 9 || (bytes[i]! > 13 && bytes[i]! < 32)) controls++
  return controls > 8 && controls > bytes.length / 20
}

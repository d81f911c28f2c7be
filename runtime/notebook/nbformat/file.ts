import { readFileSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { type TSchema, Type } from 'typebox'
import { list, writeWhole } from '../../data/files.ts'
import { hashText } from '../../data/hash.ts'
import { shapeFaults } from '../../data/shape.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import type { Cell, Metadata, MimeBundle, Notebook, Output } from './cells.ts'

const text = Type.Union([Type.String(), Type.Array(Type.String())], { description: 'A text, or its lines in a list.' })
const open = Type.Record(Type.String(), Type.Unknown())
const count = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])

const notebookSchema = Type.Object({
  metadata: open,
  nbformat_minor: Type.Integer({ minimum: 0 }),
  cells: Type.Array(
    Type.Object({
      cell_type: Type.Enum(['code', 'markdown', 'raw']),
      metadata: open,
      source: text,
      id: Type.Optional(Type.String()),
    }),
  ),
})
const codeSchema = Type.Object({
  outputs: Type.Array(Type.Object({ output_type: Type.String() })),
  execution_count: Type.Optional(count),
})
const outputSchemas: Readonly<Record<string, TSchema>> = {
  stream: Type.Object({ name: Type.String(), text }),
  display_data: Type.Object({ data: open, metadata: Type.Optional(open) }),
  execute_result: Type.Object({ data: open, metadata: Type.Optional(open), execution_count: Type.Optional(count) }),
  error: Type.Object({ ename: Type.String(), evalue: Type.String(), traceback: Type.Array(Type.String()) }),
}

// What the schemas above proved, before its texts are joined.
type RawText = string | string[]
interface RawCell {
  readonly cell_type: Cell['cell_type']
  readonly id?: string
  readonly metadata: Metadata
  readonly source: RawText
  readonly outputs?: readonly Record<string, unknown>[]
  readonly execution_count?: number | null
}
interface RawNotebook {
  readonly metadata: Metadata
  readonly nbformat_minor: number
  readonly cells: readonly RawCell[]
}

/**
 * Reads a notebook of nbformat 4; one older than 4.5 gets ids for its cells. Texts come as one string each.
 * Throws FILE_NOT_FOUND, FILE_UNREADABLE, NOTEBOOK_INVALID, NOTEBOOK_FORMAT.
 */
export function readNotebook(file: string): Notebook {
  const invalid = (reason: string, cause?: unknown) => new PolkuError('NOTEBOOK_INVALID', { reason }, { file }, cause)
  const content = contentOf(file)
  if (content.trim() === '') throw invalid('the file is empty.')
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (error) {
    throw invalid(`it is not JSON (${error instanceof Error ? error.message : error}).`, error)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid('it is not a JSON object.')
  if (!('nbformat' in value)) throw invalid('it does not say its nbformat.')
  if (value.nbformat !== 4)
    throw new PolkuError('NOTEBOOK_FORMAT', { actual: JSON.stringify(value.nbformat) }, { file })
  const fault = firstFault(value)
  if (fault) throw invalid(fault)
  const raw = value as unknown as RawNotebook // firstFault proved it
  const ids = new Set<string>()
  const cells = raw.cells.map((cell, index) => toCell(cell, index, ids))
  return { ...raw, nbformat: 4, nbformat_minor: Math.max(5, raw.nbformat_minor), cells }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const names = list(dirname(file)).filter((name) => extname(name) === '.ipynb')
      const name = basename(file)
      throw new PolkuError('FILE_NOT_FOUND', { path: file, actual: name, nearest: nearest(name, names, 'notebook') })
    }
    const reason = code === 'EISDIR' ? 'it is a folder' : error instanceof Error ? error.message : String(error)
    throw new PolkuError('FILE_UNREADABLE', { path: file, reason }, {}, error)
  }
}

const faultOf = (schema: TSchema, value: unknown, where: string): string | undefined => {
  const [fault] = shapeFaults(schema, value)
  if (!fault) return undefined
  const path = fault.path.map((part, index) => (index === 1 && fault.path[0] === 'cells' ? Number(part) + 1 : part))
  return `${[where, path.join(' ')].filter(Boolean).join(', ') || 'it'} is ${fault.kind}. ${fault.expected}`
}

/** What is wrong with the first part of a notebook that is wrong; cells are counted from 1. */
function firstFault(value: object): string | undefined {
  const fault = faultOf(notebookSchema, value, '')
  if (fault) return fault
  const { cells } = value as { cells: { cell_type: string; outputs: { output_type: string }[] }[] } // just proved, outputs below
  for (const [index, cell] of cells.entries()) {
    if (cell.cell_type !== 'code') continue
    const where = `cell ${index + 1}`
    const cellFault = faultOf(codeSchema, cell, where)
    if (cellFault) return cellFault
    for (const output of cell.outputs) {
      const schema = Object.hasOwn(outputSchemas, output.output_type) ? outputSchemas[output.output_type] : undefined
      if (!schema) return `${where} has an output of type ${output.output_type}, which nbformat 4 does not know.`
      const outputFault = faultOf(schema, output, `${where}, an output`)
      if (outputFault) return outputFault
    }
  }
  return undefined
}

const joined = (value: unknown): unknown =>
  Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join('') : value

// A list is a value of its own in JSON, and lines of a text elsewhere.
const isJson = (mime: string): boolean => /^application\/(.*\+)?json$/.test(mime)

const mapBundle = (data: MimeBundle, change: (value: unknown) => unknown): MimeBundle =>
  Object.fromEntries(Object.entries(data).map(([mime, value]) => [mime, isJson(mime) ? value : change(value)]))

function toCell(raw: RawCell, index: number, ids: Set<string>): Cell {
  const source = String(joined(raw.source))
  const ownId = raw.id !== undefined && /^[a-zA-Z0-9_-]{1,64}$/.test(raw.id) && !ids.has(raw.id) ? raw.id : undefined
  const id = ownId ?? hashText(`${index}\n${source}`).slice(0, 12)
  ids.add(id)
  if (raw.cell_type !== 'code') return { ...raw, cell_type: raw.cell_type, id, source }
  const outputs = (raw.outputs ?? []).map(toOutput)
  return { ...raw, cell_type: 'code', id, source, outputs, execution_count: raw.execution_count ?? null }
}

function toOutput(raw: Record<string, unknown>): Output {
  if (raw.output_type === 'stream') return { ...raw, text: joined(raw.text) } as Output // proved by its schema
  if (raw.output_type === 'error') return raw as unknown as Output // proved by its schema
  const data = mapBundle(raw.data as MimeBundle, joined) // proved by its schema
  return { ...raw, data, metadata: raw.metadata ?? {} } as Output // as above
}

// As Jupyter writes it, so that saving in either changes nothing: sorted keys, lines in lists, one space.
const lines = (value: unknown): unknown => (typeof value === 'string' ? (value.match(/[^\n]*\n|[^\n]+/g) ?? []) : value)

const isText = (mime: string): boolean => /^text\/|^image\/svg\+xml$|^application\/javascript$/.test(mime)

function toFile(output: Output): unknown {
  if (output.output_type === 'stream') return { ...output, text: lines(output.text) }
  if (output.output_type === 'error') return output
  const data = Object.entries(output.data).map(([mime, value]) => [mime, isText(mime) ? lines(value) : value])
  return { ...output, data: Object.fromEntries(data) }
}

const sorted = (_: string, part: unknown): unknown =>
  part !== null && typeof part === 'object' && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
    : part

/** The text of a notebook's file: equal notebooks give equal texts. */
export function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(cell.source),
    ...(cell.cell_type === 'code' ? { outputs: cell.outputs.map(toFile) } : {}),
  }))
  return `${JSON.stringify({ ...notebook, cells }, sorted, 1)}\n`
}

/** Writes a notebook whole or not at all. */
export const writeNotebook = (file: string, notebook: Notebook): void =>
  writeWhole(file, notebookText(notebook), dirname(file))

import { stripVTControlCharacters } from 'node:util'

// The parts of a notebook as nbformat 4.5 names them. In memory every text is one string;
// the file splits it into lines. https://nbformat.readthedocs.io/en/latest/format_description.html

/** A value by MIME type: text, or JSON for application/json and types that end in +json. */
export type MimeBundle = Readonly<Record<string, unknown>>
export type Metadata = Readonly<Record<string, unknown>>

interface StreamOutput {
  readonly output_type: 'stream'
  readonly name: string
  readonly text: string
}

interface DisplayOutput {
  readonly output_type: 'display_data'
  readonly data: MimeBundle
  readonly metadata: Metadata
}

interface ResultOutput {
  readonly output_type: 'execute_result'
  readonly data: MimeBundle
  readonly metadata: Metadata
  readonly execution_count: number | null
}

export interface ErrorOutput {
  readonly output_type: 'error'
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}

export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput

export interface CodeCell {
  readonly cell_type: 'code'
  readonly id: string
  readonly metadata: Metadata
  readonly source: string
  readonly outputs: readonly Output[]
  readonly execution_count: number | null
}

export interface TextCell {
  readonly cell_type: 'markdown' | 'raw'
  readonly id: string
  readonly metadata: Metadata
  readonly source: string
}

export type Cell = CodeCell | TextCell

export interface Notebook {
  readonly metadata: Metadata
  readonly nbformat: 4
  readonly nbformat_minor: number
  readonly cells: readonly Cell[]
}

/** An object inside metadata; empty where there is none. */
export function metadataPart(metadata: Metadata, name: string): Metadata {
  const part = metadata[name]
  return part !== null && typeof part === 'object' && !Array.isArray(part) ? (part as Metadata) : {} // just proved
}

/** Whether a cell bears a tag, such as `parameters`. */
export function hasTag({ metadata }: Cell, tag: string): boolean {
  return Array.isArray(metadata.tags) && metadata.tags.includes(tag)
}

/** The first line of a cell that says something, cut to one that fits a terminal. */
export function firstLine(source: string): string {
  const line = source.split('\n').find((text) => text.trim() !== '') ?? ''
  const plain = stripVTControlCharacters(line).trim()
  return plain.length > 60 ? `${plain.slice(0, 59)}…` : plain
}

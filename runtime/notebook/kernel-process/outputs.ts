import type { Metadata, MimeBundle, Output } from '../nbformat/cells.ts'
import type { Content } from '../wire.ts'

/** How much one cell may leave in the notebook, in characters and in pieces. */
export interface OutputLimits {
  readonly characters: number
  readonly pieces: number
}

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''))
const object = (value: unknown): MimeBundle =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as MimeBundle) : {} // just proved
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : [])

/** What an error may leave of its message and of its traceback, whatever a cell may give otherwise: it is never left out. */
const errorCharacters = 100_000
const errorLines = 1000

const cut = (value: string, most: number): string => (value.length > most ? `${value.slice(0, most)}…` : value)

function tracebackOf(lines: readonly string[]): string[] {
  let room = 2 * errorCharacters
  const fitting: string[] = []
  for (const line of lines.slice(0, errorLines)) {
    if (room <= 0) break
    fitting.push(cut(line, Math.min(room, errorCharacters)))
    room -= line.length
  }
  return fitting.length < lines.length ? [...fitting, `… and ${lines.length - fitting.length} more lines`] : fitting
}

type Changeable<T> = { -readonly [K in keyof T]: T[K] }
type Displayed = Changeable<Extract<Output, { data: MimeBundle }>>

/** The displays of a session by their id: an update changes them all, in whichever cell they are. */
export type Displays = Map<string, Displayed[]>

/** What one cell gave, gathered from the kernel's messages as nbformat wants it. */
export class Outputs {
  #outputs: Changeable<Output>[] = []
  #characters = 0
  #dropped = 0
  #clearing = false
  readonly #limits: OutputLimits
  readonly #displays: Displays

  constructor(limits: OutputLimits, displays: Displays) {
    this.#limits = limits
    this.#displays = displays
  }

  /** The outputs until now; where some were cut, a note says so at the end. */
  get list(): readonly Output[] {
    if (this.#dropped === 0) return this.#outputs as Output[] // what changes here is not changed by who reads it
    const note = `[Polku left out ${this.#dropped} more characters: a cell may give ${this.#limits.characters} characters in ${this.#limits.pieces} pieces.]\n`
    return [...(this.#outputs as Output[]), { output_type: 'stream', name: 'stderr', text: note }] // as above
  }

  /** The error a cell ended with. */
  get error(): Extract<Output, { output_type: 'error' }> | undefined {
    return this.list.findLast((output) => output.output_type === 'error')
  }

  /** Takes one message of the iopub channel; those that give no output are let by. */
  take(type: string, content: Content): void {
    if (type === 'clear_output') {
      if (content.wait === true) this.#clearing = true
      else this.#clear()
      return
    }
    if (!['stream', 'display_data', 'execute_result', 'update_display_data', 'error'].includes(type)) return
    if (this.#clearing && type !== 'update_display_data') this.#clear()
    if (type === 'update_display_data') this.#update(content)
    else if (type === 'stream') this.#stream(text(content.name), text(content.text))
    else if (type === 'error')
      this.#outputs.push({
        output_type: 'error',
        ename: cut(text(content.ename), 1000),
        evalue: cut(text(content.evalue), errorCharacters),
        traceback: tracebackOf(texts(content.traceback)),
      })
    else this.#display(type, content)
  }

  #clear(): void {
    this.#clearing = false
    this.#outputs = []
    this.#characters = 0
    this.#dropped = 0
  }

  #stream(name: string, added: string): void {
    const room = this.#limits.characters - this.#characters
    const last = this.#outputs.at(-1)
    const merges = last?.output_type === 'stream' && last.name === name
    const fitted = merges || this.#outputs.length < this.#limits.pieces ? added.slice(0, room) : ''
    this.#characters += fitted.length
    this.#dropped += added.length - fitted.length
    if (fitted === '') return
    if (merges) last.text += fitted
    else this.#outputs.push({ output_type: 'stream', name, text: fitted })
  }

  #display(type: string, content: Content): void {
    const { data, metadata } = this.#fitting(content)
    if (this.#outputs.length >= this.#limits.pieces) {
      this.#dropped += sizeOf(data)
      return
    }
    this.#characters += sizeOf(data)
    const count = typeof content.execution_count === 'number' ? content.execution_count : null
    const output: Displayed =
      type === 'display_data'
        ? { output_type: 'display_data', data, metadata }
        : { output_type: 'execute_result', data, metadata, execution_count: count }
    this.#outputs.push(output)
    const id = object(content.transient).display_id
    if (typeof id === 'string') this.#displays.set(id, [...(this.#displays.get(id) ?? []), output])
  }

  #update(content: Content): void {
    const id = object(content.transient).display_id
    const displayed = typeof id === 'string' ? this.#displays.get(id) : undefined
    if (!displayed?.length) return
    // An update takes the place of what it updates, so it needs no more room than a cell has as a whole.
    const { data, metadata } = this.#fitting(content, this.#limits.characters)
    for (const output of displayed) Object.assign(output, { data, metadata })
  }

  /** The bundle, or where there is no room for it a note in its place. */
  #fitting(
    content: Content,
    room = this.#limits.characters - this.#characters,
  ): { data: MimeBundle; metadata: Metadata } {
    const data = object(content.data)
    const size = sizeOf(data)
    if (size <= room) return { data, metadata: object(content.metadata) }
    const note = `[Polku left out an output of ${size} characters (${Object.keys(data).join(', ').slice(0, 200)}): a cell may give ${this.#limits.characters}.]`
    return { data: { 'text/plain': note }, metadata: {} }
  }
}

const sizeOf = (data: MimeBundle): number =>
  Object.values(data).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : (JSON.stringify(value)?.length ?? 0)),
    0,
  )

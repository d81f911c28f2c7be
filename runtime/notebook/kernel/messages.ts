import type { Content, Header } from '../wire.ts'

// What the kernel's three threads say to each other. The sockets have a thread of their own, so that heartbeats,
// output and interrupts work while a cell computes; the type checker has one, so that its warm-up delays nobody.

export interface ExecuteRequest {
  readonly type: 'execute'
  readonly parent: Header
  /** The cell's name in stacks and type errors, such as `cell 3`. */
  readonly cell: string
  readonly count: number
  readonly code: string
  readonly silent: boolean
  /** Whether whoever sent it answers questions. */
  readonly attended: boolean
  readonly userExpressions: Readonly<Record<string, string>>
}

export interface CodeRequest {
  readonly type: 'complete' | 'inspect' | 'isComplete'
  readonly code: string
  /** UTF-16 units from the start of the code. */
  readonly position: number
}

/** From the sockets to the session. */
export type ToSession =
  | ExecuteRequest
  | (CodeRequest & { readonly id: number })
  | { readonly type: 'interrupt'; readonly id: number; readonly turn: Int32Array; readonly cut: boolean }
  /** `orphaned` is whether nobody is left who would end what the cells have started. */
  | { readonly type: 'shutdown'; readonly turn: Int32Array; readonly orphaned: boolean }

/** From the session to the sockets. */
export type ToSockets =
  | { readonly type: 'ready' }
  | {
      readonly type: 'output'
      readonly parent: Header | undefined
      readonly kind: string
      readonly content: Content
      readonly size: number
    }
  /** An input_request; its answer comes another way: see prompt.ts. */
  | { readonly type: 'input'; readonly content: Content }
  | { readonly type: 'executed'; readonly content: Content }
  | { readonly type: 'answered'; readonly id: number; readonly content: Content }
  | { readonly type: 'interrupted'; readonly id: number }
  | { readonly type: 'flush'; readonly done: Int32Array }

export interface CompileRequest {
  readonly type: 'compile'
  readonly cell: string
  readonly code: string
  readonly check: boolean
}

/** What is wrong in a cell. Lines and columns count from 1. */
export interface CellFault {
  readonly code: number
  readonly message: string
  readonly line: number
  readonly column: number
}

export interface Compiled {
  readonly faults: readonly CellFault[]
  /** A script that gives a function of the cell's surroundings; absent where there are faults. */
  readonly script?: string
  /** The script's source map. */
  readonly map?: string
  /** Why it was not checked, though it should have been. */
  readonly unchecked?: string
}

/** From the session to the type checker. */
export type ToChecker =
  | CompileRequest
  | CodeRequest
  /** The names that a cell has given the session; the types it declares come with them. */
  | { readonly type: 'publish'; readonly cell: string; readonly values: readonly string[] }

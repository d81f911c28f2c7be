import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { windows1252, writeWhole } from './csv.ts'
import { customerLines } from './customers.ts'
import type { DirtTruth } from './dirt.ts'
import { PLACES } from './names.ts'
import { contactLines, contractLines, invoicePieces, permissionLines, purchaseBehaviourLines } from './tables.ts'
import { checkOptions, makeWorld, type WorldOptions } from './world.ts'

export interface Generated {
  readonly options: Required<WorldOptions>
  /** What was written, with its rows beside the header. */
  readonly files: readonly { readonly name: string; readonly rows: number }[]
  /** What is wrong with the register, and what only the generator knows. */
  readonly truth: {
    /** Pairs of ids of one person: the first entry and the second. */
    readonly duplicates: readonly (readonly [string, string])[]
    readonly dirt: DirtTruth
    readonly unparsableRows: number
    /** Ids of who is a customer on the as-of date. */
    readonly live: readonly string[]
  }
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** Writes the client's files into the folder `out` (made where missing), the same bytes for the same options. */
export const generate = ({ out, ...options }: WorldOptions & { out: string }): Generated => {
  const checked = checkOptions(options)
  // Before the work: whoever cannot write here hears it at once.
  mkdirSync(out, { recursive: true })
  const world = makeWorld(checked)
  // An old market's response would belong to other customers.
  rmSync(join(out, 'outcomes.csv'), { force: true })
  const files: { name: string; rows: number }[] = []
  const write = (name: string, rows: number, bytes: string | Uint8Array) => {
    writeWhole(join(out, name), bytes)
    files.push({ name, rows })
  }
  const writeText = (name: string, lines: readonly string[], prefix = '') =>
    write(name, lines.length - 1, prefix + text(lines))
  const customers = customerLines(world)
  const contracts = contractLines(world)
  const invoices = Array.from(invoicePieces(world, contracts.numbers), (piece) => Buffer.from(piece))
  write('customers.csv', customers.lines.length - 1, windows1252(`${customers.lines.join('\r\n')}\r\n`))
  writeText('permissions.csv', permissionLines(world))
  writeText('postal_codes.csv', ['postal_code,city', ...PLACES.map(({ postalCode, city }) => `${postalCode},${city}`)])
  writeText('contracts.csv', contracts.lines)
  write('invoices.csv.gz', world.ledger.days.length, gzipSync(Buffer.concat(invoices), { level: 1 }))
  writeText('contacts.csv', contactLines(world))
  // With a byte order mark, as spreadsheets save UTF-8.
  writeText('purchase_behaviour.csv', purchaseBehaviourLines(world), '\ufeff')
  writeWhole(join(out, 'generated.json'), `${JSON.stringify(world.options, null, 2)}\n`)
  return {
    options: world.options,
    files,
    truth: {
      duplicates: world.registrations.flatMap(({ id, duplicateOf }) =>
        duplicateOf === undefined ? [] : [[duplicateOf, id] as const],
      ),
      dirt: customers.truth,
      unparsableRows: customers.unparsable,
      live: world.registrations.filter(({ life }) => life.left === undefined).map(({ id }) => id),
    },
  }
}

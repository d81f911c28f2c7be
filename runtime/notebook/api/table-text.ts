import { printable } from '../../errors/printable.ts'
import type { TableSummary } from './table-summary.ts'

/** `1 234 567`, with spaces that do not break. */
export const shortNumber = (number: number): string =>
  Number.isInteger(number) ? String(number).replaceAll(/\B(?=(\d{3})+$)/g, '\u00a0') : String(number)

/** `12 %`; what is nearly nothing or nearly all is said so. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1 %'
  if (share < 1 && share > 0.99) return 'over 99 %'
  return `${Math.round(share * 100)} %`
}

const mostWidth = 24

const fit = (text: string): string => {
  const line = printable(text).replaceAll(/\s+/g, ' ')
  const characters = Array.from(line)
  return characters.length > mostWidth ? `${characters.slice(0, mostWidth - 1).join('')}…` : line
}

/** A table's summary as plain text: columns with their types, and its first rows. */
export function tableText({ rows, columns, columnsLeft, first }: TableSummary): string {
  const shown = columns.slice(0, 10)
  const lines = [
    shown.map(({ name }) => fit(name)),
    shown.map(({ type, missing }) => fit(missing ? `${type}, ${percentText(missing)} missing` : type)),
    ...first.map((row) => shown.map((_, index) => fit(String(row[`cell ${index}`] ?? '–')))),
  ]
  const widths = shown.map((_, index) => Math.max(...lines.map((line) => Array.from(line[index] ?? '').length)))
  const text = lines.map((line) =>
    line
      .map((part, index) => part + ' '.repeat((widths[index] ?? 0) - Array.from(part).length))
      .join('  ')
      .trimEnd(),
  )
  const all = columns.length + columnsLeft
  return [`${shortNumber(rows)} rows, ${all} columns`, ...text].join('\n')
}

interface PageRequest {
  readonly limit?: number
  readonly cursor?: string
}

/**
 * A page of a list that is in memory whole, sorted by `key` ascending, or descending where it says so. The cursor is the
 * key of the last item, which need not be there any more when the next page is asked for.
 */
export function pageOf<Item>(
  items: readonly Item[],
  { limit = 50, cursor }: PageRequest,
  key: (item: Item) => string,
  order: 'ascending' | 'descending' = 'ascending',
): { items: Item[]; next: string | null } {
  const isAfter = (item: Item) =>
    cursor === undefined || (order === 'ascending' ? key(item) > cursor : key(item) < cursor)
  const rest = items.filter(isAfter)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next: rest.length > limit && last !== undefined ? key(last) : null }
}

/** A number as a key whose order is that of the numbers. */
export const numberKey = (number: number): string => String(number).padStart(9, '0')

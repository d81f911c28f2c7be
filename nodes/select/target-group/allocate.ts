/** Amounts as whole ten-thousandths: sums of them are exact, so that no rounding can overspend a budget. */
export const unitsPerAmount = 10_000

export const toUnits = (amount: number): number => Math.round(amount * unitsPerAmount)
export const toAmount = (units: number): number => units / unitsPerAmount

/** Whether an amount has at most four decimals and so is a whole number of units. */
export const isExact = (amount: number): boolean => toAmount(toUnits(amount)) === amount

export interface Room {
  /** Units (hundredths of a cent) that may be spent. */
  readonly budget: number
  /** In order of preference; `cost` in units per contact. */
  readonly channels: readonly { readonly cost: number; readonly capacity: number }[]
  /** The most customers to select. */
  readonly size: number
}

/** Why a customer who could be contacted is not: what came to an end first. */
export const outOf = { budget: -1, capacity: -2, size: -3 } as const

/**
 * Goes through customers from the best down and gives each the first of their permitted channels that still has
 * capacity and whose cost the remaining budget pays. Customers who find no room are passed over; a cheaper channel
 * may still have room for somebody further down. `permitted` holds a bit per channel. Gives a channel's index, or a
 * value of `outOf`, per customer.
 */
export const allocate = (permitted: ArrayLike<number>, { budget, channels, size }: Room): Int32Array => {
  const places = channels.map(({ capacity }) => capacity)
  let [left, room] = [budget, size]
  const choose = (mask: number): number => {
    let reason: number = outOf.budget
    for (const [index, { cost }] of channels.entries()) {
      if ((mask & (1 << index)) === 0 || cost > left) continue
      if ((places[index] ?? 0) > 0) return room > 0 ? index : outOf.size
      reason = outOf.capacity
    }
    return reason
  }
  return Int32Array.from(permitted, (mask) => {
    const chosen = choose(mask)
    if (chosen < 0) return chosen
    left -= channels[chosen]?.cost ?? 0
    places[chosen] = (places[chosen] ?? 0) - 1
    room -= 1
    return chosen
  })
}

import { id, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { type Inputs, isContact, keyOf } from './judge.ts'
import type { Settings } from './settings.ts'

/** Warns where none of a table's customers is known: keys written in another way would protect nobody. */
const warnOfStrangers = async (
  judged: Table,
  inputs: Inputs,
  settings: Settings,
  context: RunContext,
): Promise<void> => {
  const sources: [string, Table | undefined, string][] = [
    ['permissions', inputs.permissions, settings.permissionCustomer],
    ['held_out', inputs.held_out, settings.heldOutCustomer],
    ['history', inputs.history, settings.historyCustomer],
  ]
  for (const [name, table, column] of sources) {
    if (!table) continue
    const key = keyOf(inputs, settings, table, column)
    const keys = sql`(select ${key} as key from ${table} where ${key} is not null)`
    const [row] = await context.rows(sql`
      select (select count(*) from ${keys}) as n, exists (from ${judged} where key in (select key from ${keys})) as known`)
    if (Number(row?.n) > 0 && row?.known === false)
      context.warn(
        `None of the customers in ${name} is among the customers. Are the keys of the ${row?.n} rows written in the same way?`,
      )
  }
}

/** Says who gave a permission for each channel, and warns of a channel that nobody permits. */
const showPermissions = async (judged: Table, { channels }: Settings, context: RunContext): Promise<void> => {
  const rows: (string | number)[][] = []
  for (const [index, { name }] of channels.entries()) {
    const bit = 1 << index
    const [row] = await context.rows(sql`
      select count(*) filter ((permitted & ${bit}) > 0) as yes,
        count(*) filter (has_permissions and (permitted & ${bit}) = 0) as refused,
        count(*) filter (not has_permissions) as absent,
        count(*) filter ((permitted & reachable & ${bit}) > 0) as usable
      from ${judged}`)
    rows.push([name, Number(row?.yes), Number(row?.refused), Number(row?.absent), Number(row?.usable)])
    if (Number(row?.yes) === 0)
      context.warn(
        `No customer gave an explicit permission for ${name}. Is the right column named, and does \`allowed\` list what means yes?`,
      )
  }
  context.table({
    title: 'Permissions by channel',
    columns: ['Channel', 'Explicitly given', 'Not given', 'No row', 'Given, and what it needs is there'],
    rows,
    note: 'A blank, an unknown text or several rows of which one says no are no permission.',
  })
}

const warnOfDuplicates = async (judged: Table, context: RunContext): Promise<void> => {
  const [row] = await context.rows(sql`select count(*) as n from ${judged} where permission_rows > 1`)
  if (Number(row?.n) > 0)
    context.warn(
      `${row?.n} customers have several rows of permissions: a channel is permitted only where each of them says yes.`,
    )
}

/** Warns of contacts whose day is not known, and of those on the as-of date itself that do not count. */
const warnOfHistory = async ({ history }: Inputs, settings: Settings, context: RunContext): Promise<void> => {
  if (!history) return
  const day = id(settings.historyDate)
  const [row] = await context.rows(sql`
    select count(*) filter (${day} is null) as undated,
      count(*) filter (cast(${day} as date) = cast(${settings.asOf} as date)) as today
    from ${history} where ${isContact(history, settings)}`)
  if (Number(row?.undated) > 0)
    context.warn(`${row?.undated} contacts of the history have no date: their customers stay in quarantine.`)
  if (settings.campaign === undefined && Number(row?.today) > 0)
    context.warn(
      `${row?.today} contacts of the history are of ${settings.asOf} itself and do not count, because they may be this campaign’s own. Set \`campaign\` so that those of other campaigns do.`,
    )
}

/** Says what the inputs give for the choice, and warns of what in them would protect less than it seems to. */
export const warnOfInputs = async (
  judged: Table,
  inputs: Inputs,
  settings: Settings,
  context: RunContext,
): Promise<void> => {
  await warnOfStrangers(judged, inputs, settings, context)
  await warnOfDuplicates(judged, context)
  await warnOfHistory(inputs, settings, context)
  await showPermissions(judged, settings, context)
}

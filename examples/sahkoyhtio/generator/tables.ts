import { isoDate } from './calendar.ts'
import { euros, line } from './csv.ts'
import { chance, weighted } from './draws.ts'
import { homeContract } from './life.ts'
import { MONTHLY_FEE } from './prices.ts'
import type { Contract, Life } from './records.ts'
import { CLASSES, PERMISSIONS, PURCHASE_BEHAVIOUR, type PurchaseClass } from './settings.ts'
import type { World } from './world.ts'

const date = (day: number | undefined): string => (day === undefined ? '' : isoDate(day))

const idOf = ({ idOf: ids }: World, contract: Contract): string => {
  const id = ids.get(contract)
  if (id === undefined) throw new Error('A contract belongs to nobody.')
  return id
}

/** contracts.csv: one row per contract, by person. */
export const contractLines = (world: World): { lines: string[]; numbers: Map<Contract, string> } => {
  const lines = [
    'contract_id,customer_id,premises,product,start_date,fixed_until,end_date,end_reason,price_c_kwh,annual_kwh,monthly_fee_eur',
  ]
  const numbers = new Map<Contract, string>()
  for (const contract of world.lives.flatMap(({ contracts }) => contracts)) {
    const number = `C${500_001 + numbers.size}`
    numbers.set(contract, number)
    const { premises, product, start, fixedUntil, end, endReason, price, annualKwh } = contract
    const dates = [date(start), date(fixedUntil), date(end), endReason ?? '']
    const terms = [euros(Math.round(price * 100)), String(annualKwh), euros(Math.round(MONTHLY_FEE[product] * 100))]
    lines.push(line([number, idOf(world, contract), premises, product, ...dates, ...terms]))
  }
  return { lines, numbers }
}

/** invoices.csv in pieces: one row per contract and month. */
export function* invoicePieces(
  { ledger, idOf: ids }: World,
  numbers: ReadonlyMap<Contract, string>,
): Generator<string> {
  let piece = 'invoice_id,contract_id,customer_id,invoice_date,kwh,amount_eur,margin_eur,paid_late_days\n'
  for (const [row, contract] of ledger.contracts.entries()) {
    const late = ledger.lateDays[row] ?? -1
    const use = `${isoDate(ledger.days[row] ?? 0)},${ledger.kwh[row]}`
    const money = `${euros(ledger.cents[row] ?? 0)},${euros(ledger.marginCents[row] ?? 0)}`
    const keys = `I${1_000_001 + row},${numbers.get(contract)},${ids.get(contract)}`
    piece += `${keys},${use},${money},${late < 0 ? '' : late}\n`
    if (piece.length > 1_000_000) {
      yield piece
      piece = ''
    }
  }
  yield piece
}

const contractOn = (life: Life, day: number): Contract =>
  life.contracts.find(
    ({ premises, start, end }) => premises === 'home' && start <= day && (end === undefined || end > day),
  ) ?? homeContract(life)

/** contacts.csv: what was said between customers and the retailer. */
export const contactLines = (world: World): string[] => {
  const lines = ['contact_id,customer_id,contact_date,channel,reason,direction']
  for (const life of world.lives) {
    for (const { day, channel, reason, direction } of life.contacts) {
      const id = idOf(world, contractOn(life, day))
      lines.push(`V${300_000 + lines.length},${id},${isoDate(day)},${channel},${reason},${direction}`)
    }
  }
  return lines
}

/** permissions.csv: yes, no or blank per channel; not everybody has a row. */
export const permissionLines = (world: World): string[] => {
  const source = world.stream('permissions')
  const answer = (yes: number): string => {
    if (chance(source, PERMISSIONS.blank)) return ''
    return chance(source, yes) ? 'yes' : 'no'
  }
  const rows = world.registrations
    .filter(() => !chance(source, PERMISSIONS.noRow))
    .map(({ id }) =>
      [id, ...(['email', 'sms', 'phone', 'post'] as const).map((channel) => answer(PERMISSIONS[channel]))].join(','),
    )
  return ['customer_id,email_permission,sms_permission,phone_permission,post_permission', ...rows]
}

/** purchase_behaviour.csv: another company's view of people, by the e-mail address it knows them by. */
export const purchaseBehaviourLines = (world: World): string[] => {
  const source = world.stream('purchase behaviour')
  const delivered = isoDate(world.window.asOf - PURCHASE_BEHAVIOUR.deliveredDaysBefore)
  const anyClass = Object.fromEntries(Object.keys(CLASSES).map((name) => [name, 1])) as Record<PurchaseClass, number>
  const rows = world.lives
    .filter(() => chance(source, PURCHASE_BEHAVIOUR.coverage))
    .map(({ person }) => {
      const guess = chance(source, PURCHASE_BEHAVIOUR.correct) ? person.purchaseClass : weighted(source, anyClass)
      const sensitivity = 50 + 18 * person.sensitivity + 8 * source.normal()
      const index = Math.round(Math.min(Math.max(sensitivity, 0), 100))
      return line([person.email, guess, String(index), delivered])
    })
  return ['email,purchase_class,price_sensitivity,classified_on', ...rows.sort()]
}

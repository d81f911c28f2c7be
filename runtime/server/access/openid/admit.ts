import { PolkuError } from '../../../errors/errors.ts'
import type { Queries } from '../../../service/database/database.ts'
import { insertPerson, type PersonRow, updatePerson } from '../people.ts'
import type { OpenIdConfiguration } from './configuration.ts'
import type { Identity } from './provider.ts'

type Rule = OpenIdConfiguration['rules'][number]
type Account = PersonRow & { readonly by_openid: boolean }

/**
 * The person whom an account is of: who signed in with it before, who has its e-mail address, or whom a rule lets in.
 * Who was let in by a rule has what the rule gives now, and nothing where none fits any more. Throws SIGN_IN_REFUSED.
 * Within a transaction.
 */
export async function admit(
  queries: Queries,
  { subject, claims }: Identity,
  configuration: OpenIdConfiguration,
): Promise<PersonRow> {
  const rule = ruleFor(claims, configuration)
  const [account] = await queries.query<Account>('select * from polku.person where subject = $1', [subject])
  if (account) return requireEnabled(account.by_openid ? await byRule(queries, account, rule) : account)
  const email = emailOf(claims, configuration)
  const person = email === undefined ? undefined : await withAddress(queries, email)
  const admitted = requireEnabled(person ?? (await letIn(queries, claims, email, rule)))
  await queries.query('update polku.person set subject = $2, by_openid = $3 where id = $1', [
    admitted.id,
    subject,
    person === undefined,
  ])
  return admitted
}

function ruleFor(claims: Identity['claims'], { claim, rules }: OpenIdConfiguration): Rule | undefined {
  const values = claim === undefined ? [] : [claims[claim]].flat().map(String)
  return rules.find(({ value }) => values.includes(value))
}

/** An address that nobody has verified may be anybody's. */
function emailOf(claims: Identity['claims'], { trustUnverifiedEmail }: OpenIdConfiguration): string | undefined {
  const { email, email_verified: isVerified } = claims
  return typeof email === 'string' && (isVerified === true || trustUnverifiedEmail) ? email : undefined
}

/** Who has an account already does not get another one by its address. */
async function withAddress(queries: Queries, email: string): Promise<PersonRow | undefined> {
  const [row] = await queries.query<PersonRow & { subject: string | null }>(
    'select * from polku.person where lower(email) = lower($1)',
    [email],
  )
  if (row && row.subject !== null) throw refused('the person with this address signs in with another account')
  return row
}

async function byRule(queries: Queries, { id }: PersonRow, rule: Rule | undefined): Promise<PersonRow> {
  if (!rule) throw refused('no rule lets it in any more')
  return updatePerson(queries, id, { role: rule.role, clients: rule.clients ?? null })
}

async function letIn(
  queries: Queries,
  claims: Identity['claims'],
  email: string | undefined,
  rule: Rule | undefined,
): Promise<PersonRow> {
  if (!rule)
    throw refused(email === undefined ? 'it has no verified e-mail address' : 'its e-mail address is not known')
  const { name, preferred_username: username } = claims
  const label = [name, username, email].find((text) => typeof text === 'string' && text.trim() !== '')
  return insertPerson(queries, {
    // Whatever a provider calls people, it stands in pages and logs.
    name: String(label ?? 'somebody')
      .replaceAll(/\p{Cc}/gu, ' ')
      .slice(0, 100),
    email: email ?? null,
    role: rule.role,
    clients: rule.clients ?? null,
  })
}

function requireEnabled(person: PersonRow): PersonRow {
  if (person.disabled_at) throw refused('the person’s access has ended')
  return person
}

const refused = (reason: string): PolkuError => new PolkuError('SIGN_IN_REFUSED', { reason })

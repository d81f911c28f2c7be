import { readFileSync } from 'node:fs'
import { type Static, Type } from 'typebox'
import { parse } from 'yaml'
import { nameForm } from '../../../data/names.ts'
import { shapeFaults } from '../../../data/shape.ts'
import { PolkuError } from '../../../errors/errors.ts'

const closed = { additionalProperties: false }

const schema = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https?://',
      description: 'The provider’s address, such as https://login.example',
    }),
    clientId: Type.String({ minLength: 1, description: 'As whom the provider knows this service' }),
    scope: Type.String({ default: 'openid email profile' }),
    trustUnverifiedEmail: Type.Boolean({
      default: false,
      description: 'Whether an address counts that the provider does not say it has verified',
    }),
    claim: Type.Optional(Type.String({ minLength: 1, description: 'What the rules look at, such as groups' })),
    rules: Type.Array(
      Type.Object(
        {
          value: Type.String({ minLength: 1, description: 'What the claim is or holds' }),
          role: Type.Enum(['analyst', 'operator', 'reviewer', 'administrator']),
          clients: Type.Optional(Type.Array(Type.String({ pattern: nameForm }))),
        },
        closed,
      ),
      {
        default: [],
        description: 'Who is let in by the claim; the first rule that fits holds. All clients where none is named',
      },
    ),
  },
  closed,
)

/** Where people may sign in, and who is let in besides those whose e-mail address is known. */
export type OpenIdConfiguration = Static<typeof schema> & { readonly clientSecret: string | undefined }

const isLocal = (issuer: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(issuer).hostname)

/** Reads the YAML file that says where people sign in; the secret comes from the environment. Throws OPENID_INVALID. */
export function readOpenId(file: string, clientSecret: string | undefined): OpenIdConfiguration {
  let configuration: unknown
  try {
    configuration = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new PolkuError('OPENID_INVALID', { reason, right: 'A YAML file with issuer and clientId.' }, { file })
  }
  const [fault] = shapeFaults(schema, configuration)
  if (fault) {
    const reason = `${fault.path.join('.') || 'it'} is ${fault.kind}`
    throw new PolkuError('OPENID_INVALID', { reason, right: fault.expected }, { file })
  }
  const checked = configuration as Static<typeof schema> // its shape has just been checked
  if (!URL.canParse(checked.issuer) || (checked.issuer.startsWith('http:') && !isLocal(checked.issuer)))
    throw new PolkuError('OPENID_INVALID', { reason: 'the issuer is not secure', right: 'An https address.' }, { file })
  return { ...checked, clientSecret }
}

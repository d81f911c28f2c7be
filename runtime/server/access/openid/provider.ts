import * as openid from 'openid-client'
import { PolkuError } from '../../../errors/errors.ts'
import type { ServiceKeys } from '../../../service/secrets/keys.ts'
import { seal, unseal } from '../../../service/secrets/seal.ts'
import type { OpenIdConfiguration } from './configuration.ts'

/** How long a person may take to sign in elsewhere, in ms. */
const within = 600_000
const purpose = ['openid sign-in']
/** How long the provider may take to answer, in seconds. */
const answersWithin = 10

/** What the way back is proved by. */
interface Beginning {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly at: number
}

/** Who the provider says has signed in. */
export interface Identity {
  /** The issuer and its name of the person: no other account has it. */
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** Signing in at an OpenID provider: authorization code with PKCE, state and nonce. */
export class OpenIdProvider {
  readonly configuration: OpenIdConfiguration
  readonly #keys: ServiceKeys
  readonly #back: string
  readonly #now: () => number
  #discovered: Promise<openid.Configuration> | undefined

  /** `back` is the address to which the provider sends people. */
  constructor(configuration: OpenIdConfiguration, keys: ServiceKeys, back: string, now: () => number) {
    this.configuration = configuration
    this.#keys = keys
    this.#back = back
    this.#now = now
  }

  /** Where to send a browser, and what it has to bring back, sealed. Throws OPENID_FAILED where the provider does not answer. */
  async begin(): Promise<{ address: string; sealed: string }> {
    const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]
    const address = openid.buildAuthorizationUrl(await this.#provider(), {
      redirect_uri: this.#back,
      scope: this.configuration.scope,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const beginning: Beginning = { state, nonce, verifier, at: this.#now() }
    return {
      address: address.href,
      sealed: seal(this.#keys[0], purpose, JSON.stringify(beginning)).toString('base64url'),
    }
  }

  /** Who has signed in, by the query of the way back. Throws OPENID_FAILED. */
  async finish(query: string, sealed: string | undefined): Promise<Identity> {
    const { state, nonce, verifier } = this.#opened(sealed)
    try {
      const tokens = await openid.authorizationCodeGrant(await this.#provider(), new URL(`${this.#back}?${query}`), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw new PolkuError('OPENID_FAILED', { reason: 'the provider said nothing of the person' })
      return { subject: `${claims.iss} ${claims.sub}`, claims }
    } catch (error) {
      throw error instanceof PolkuError
        ? error
        : new PolkuError('OPENID_FAILED', { reason: reasonOf(error) }, {}, error)
    }
  }

  #opened(sealed: string | undefined): Beginning {
    const bytes = Buffer.from(sealed ?? '', 'base64url')
    const text = this.#keys.map((key) => unseal(key, purpose, bytes)).find((opened) => opened !== undefined)
    const beginning = text === undefined ? undefined : (JSON.parse(text) as Beginning) // sealed by `begin`
    if (!beginning || this.#now() - beginning.at > within)
      throw new PolkuError('OPENID_FAILED', { reason: 'it was not begun in this browser, or too long ago' })
    return beginning
  }

  /** What the provider can do, asked once; again where it did not answer. */
  async #provider(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.configuration
    this.#discovered ??= openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: answersWithin,
      // The token's signature is checked too, although it comes from the provider itself. Only an issuer on this
      // machine may be http: the configuration has been checked.
      execute: [
        openid.enableNonRepudiationChecks,
        ...(issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
      ],
    })
    try {
      return await this.#discovered
    } catch (error) {
      this.#discovered = undefined
      throw new PolkuError('OPENID_FAILED', { reason: reasonOf(error) }, {}, error)
    }
  }
}

/** What the library calls it, without what the provider or a browser sent: that may hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof openid.AuthorizationResponseError) return 'the provider refused it'
  if (error instanceof openid.ResponseBodyError) return 'the provider refused the code'
  if (error instanceof openid.ClientError) return `the provider’s answer does not hold (${error.code ?? 'unclear'})`
  return 'the provider does not answer'
}

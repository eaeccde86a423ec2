/**
 * Sign-in through an external OpenID Connect provider (OpenID Connect Core 1.0 §3.1), with the authorization code flow, PKCE,
 * state and nonce. The protocol is the work of `openid-client`, which is loaded when somebody first signs in this way; here is
 * what is asked of it, and who may be taken for whom.
 */
import type { Secret } from '@tandem/base'
import type { Configuration, IDToken } from 'openid-client'
import type { ServerDatabase } from '../data/open-data.ts'
import type { PersonKey } from './passwords.ts'

/** What the settings say of the provider. */
export interface ProviderConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: Secret<string> | undefined
  /** For the button. */
  readonly name: string
  /** Email domains that it vouches for; empty: the SIP domains of the person's organisation. */
  readonly domains: readonly string[]
}

/** What a browser keeps between the two halves of a sign-in. */
export interface ProviderFlow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Why a sign-in came to nothing, as one sentence for the page. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
}

/** How long the provider's metadata count. */
const METADATA_MS = 60 * 60_000
const TIMEOUT_SECONDS = 10

/** The provider of this server. */
export class Provider {
  readonly name: string
  readonly #config: ProviderConfig
  #metadata: { readonly promise: Promise<Configuration>; readonly since: number } | undefined

  constructor(config: ProviderConfig) {
    this.#config = config
    this.name = config.name === '' ? new URL(config.issuer).host : config.name
  }

  /** Where the browser is sent, and what it must bring back. Throws `ProviderRefusal`. */
  async begin(callbackUrl: string): Promise<{ readonly url: string; readonly flow: ProviderFlow }> {
    const oidc = await import('openid-client')
    const metadata = await this.#discover()
    const flow = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    }
    const url = oidc.buildAuthorizationUrl(metadata, {
      redirect_uri: callbackUrl,
      scope: 'openid email',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    })
    return { url: url.href, flow }
  }

  /** The verified email that the provider's answer proves. Throws `ProviderRefusal`. */
  async finish(answerUrl: string, flow: ProviderFlow): Promise<string> {
    const oidc = await import('openid-client')
    const metadata = await this.#discover()
    let claims: IDToken | undefined
    try {
      const tokens = await oidc.authorizationCodeGrant(metadata, new URL(answerUrl), {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      })
      claims = tokens.claims()
    } catch (error) {
      throw new ProviderRefusal(`${this.name} did not confirm who you are. Please try again.`, {
        cause: error,
      })
    }
    const email = claims?.['email']
    if (typeof email !== 'string' || claims?.['email_verified'] !== true)
      throw new ProviderRefusal(`${this.name} does not say that your email address is verified.`)
    return email
  }

  /** The person with an email that this provider may speak for. Throws `ProviderRefusal`. */
  async person(db: ServerDatabase, email: string): Promise<PersonKey> {
    const domain = email.toLowerCase().split('@').at(-1) ?? ''
    const { domains } = this.#config
    let query = db.kysely
      .selectFrom('people')
      .select(['org_id', 'id'])
      .where('email_folded', '=', email.toLowerCase())
    if (domains.length === 0)
      query = query.where((eb) =>
        eb.exists(
          eb
            .selectFrom('domains')
            .select('domain')
            .whereRef('domains.org_id', '=', 'people.org_id')
            .where('domain', '=', domain),
        ),
      )
    const isTrusted = domains.length === 0 || domains.some((known) => known.toLowerCase() === domain)
    const [person, another] = isTrusted ? await query.limit(2).execute() : []
    if (person === undefined)
      throw new ProviderRefusal(`Nobody here signs in through ${this.name} with this email address.`)
    if (another !== undefined)
      throw new ProviderRefusal(
        'Two organisations have a person with this email address. Sign in with your password.',
      )
    return { orgId: person.org_id, personId: person.id }
  }

  /** A failure is forgotten at once, so that the next try asks again. */
  #discover(): Promise<Configuration> {
    const now = performance.now()
    if (this.#metadata !== undefined && now - this.#metadata.since < METADATA_MS)
      return this.#metadata.promise
    const promise = this.#askMetadata()
    this.#metadata = { promise, since: now }
    promise.catch(() => {
      this.#metadata = undefined
    })
    return promise
  }

  async #askMetadata(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#config
    const oidc = await import('openid-client')
    try {
      const url = new URL(issuer)
      // Plain http is for a provider on this machine alone.
      const isLocal = url.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
      // The library trusts a token that came over TLS; its signature is checked all the same.
      const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
      return await oidc.discovery(
        url,
        clientId,
        undefined,
        clientSecret === undefined ? oidc.None() : oidc.ClientSecretPost(clientSecret.reveal()),
        { timeout: TIMEOUT_SECONDS, execute },
      )
    } catch (error) {
      throw new ProviderRefusal(
        `${this.name} cannot be reached now. Sign in with your password, or try later.`,
        {
          cause: error,
        },
      )
    }
  }
}

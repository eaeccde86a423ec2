/**
 * The parameters of `/authorize` (contract, auth §2; RFC 6749 §4.1.1; RFC 7636). Whatever is wrong with the client or its
 * address is said to the person on a page, since nobody may be sent to an address that is not registered (case A17); whatever
 * else is wrong is said to the client.
 */
import type { Scope } from '@tandem/contract'
import type { ServerDatabase } from '../../data/open-data.ts'
import { findClient, type OAuthClient } from '../../oauth/clients.ts'
import { readScopes } from '../../oauth/scope-list.ts'

/** A request that may be put to a person. */
export interface AuthorizationRequest {
  readonly client: OAuthClient
  readonly redirectUri: string
  readonly scopes: readonly Scope[]
  readonly state: string | undefined
  /** PKCE, S256. */
  readonly challenge: string | undefined
  /** The parameters as they came, for the form and for the way back from signing in. */
  readonly parameters: readonly (readonly [string, string])[]
}

/** What the parameters come to. */
export type ReadAuthorization =
  | { readonly kind: 'page'; readonly fault: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'ask'; readonly request: AuthorizationRequest }

const NAMES = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const

/** Reads a query or a form. */
export async function readAuthorization(
  db: ServerDatabase,
  given: URLSearchParams,
): Promise<ReadAuthorization> {
  const page = (fault: string): ReadAuthorization => ({ kind: 'page', fault })
  const twice = NAMES.find((name) => given.getAll(name).length > 1)
  if (twice !== undefined) return page(`The application's request has ${twice} more than once.`)
  const value = (name: (typeof NAMES)[number]): string | undefined => given.get(name) || undefined
  const clientId = value('client_id')
  const client = clientId === undefined ? undefined : await findClient(db, clientId)
  if (client === undefined || client.kind === 'service')
    return page('The application that sent you here is not known to this server.')
  const redirectUri = value('redirect_uri')
  if (redirectUri === undefined || !client.redirectUris.includes(redirectUri))
    return page(
      `The application ${client.name} did not send you here from an address that it has registered.`,
    )

  const state = value('state')
  const refuse = (error: string, description: string): ReadAuthorization => ({
    kind: 'redirect',
    location: answerUrl({ redirectUri, state }, { error, error_description: description }),
  })
  if (value('response_type') !== 'code')
    return refuse('unsupported_response_type', 'response_type must be code')
  const scopes = readScopes(value('scope') ?? '')
  if (scopes === undefined) return refuse('invalid_scope', 'scope is missing or names an unknown scope')
  const foreign = scopes.find((scope) => !client.scopes.includes(scope))
  if (foreign !== undefined) return refuse('invalid_scope', `the client is not registered with ${foreign}`)
  const challenge = value('code_challenge')
  if (challenge === undefined) {
    if (!client.isConfidential) return refuse('invalid_request', 'code_challenge is required: use PKCE')
    if (value('code_challenge_method') !== undefined)
      return refuse('invalid_request', 'code_challenge is required with code_challenge_method')
  } else if (value('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge))
    return refuse(
      'invalid_request',
      'code_challenge_method must be S256, code_challenge 43 characters of base64url',
    )
  const parameters = NAMES.flatMap((name) => {
    const text = value(name)
    return text === undefined ? [] : [[name, text] as const]
  })
  return { kind: 'ask', request: { client, redirectUri, scopes, state, challenge, parameters } }
}

/** The address that the browser is sent to with the answer: the registered one as it is, and parameters behind it. */
export function answerUrl(
  { redirectUri, state }: Pick<AuthorizationRequest, 'redirectUri' | 'state'>,
  answer: Readonly<Record<string, string>>,
): string {
  const query = new URLSearchParams(answer)
  if (state !== undefined) query.set('state', state)
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
}

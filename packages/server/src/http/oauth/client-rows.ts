/** What the operations on clients share: finding one of the caller's organisation, and showing it. */
import { type OAuthClient as ClientView, printMilliseconds } from '@tandem/contract'
import { clientOf, type OAuthClient, rawClientId } from '../../oauth/clients.ts'
import { redirectUriFault } from '../../oauth/redirect-uri.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** The client that the path names; 404 for one of another organisation. */
export async function clientOfPath(request: ApiRequest, services: Services): Promise<OAuthClient> {
  const row = await services.db.kysely
    .selectFrom('oauth_clients')
    .selectAll()
    .where('id', '=', rawClientId(request.params['clientId'] ?? ''))
    .where('org_id', '=', request.caller.orgId)
    .executeTakeFirst()
  if (row === undefined) throw new Failure('client_not_found')
  return clientOf(row)
}

/** The service app that the path names. */
export async function serviceAppOfPath(request: ApiRequest, services: Services): Promise<OAuthClient> {
  const client = await clientOfPath(request, services)
  if (client.kind !== 'service')
    throw invalid('clientId', 'must be a service app; integrations are authorized by each person')
  return client
}

/** A client on the wire. */
export function clientView(client: OAuthClient): ClientView {
  return {
    id: client.id,
    name: client.name,
    kind: client.kind,
    confidential: client.isConfidential,
    redirectUris: [...client.redirectUris],
    scopes: [...client.scopes],
    ...(client.authorizedScopes === undefined ? {} : { authorizedScopes: [...client.authorizedScopes] }),
    created: printMilliseconds(client.createdAt),
  }
}

/** Throws for addresses that may not be registered, or that do not fit the kind. */
export function checkRedirectUris(
  uris: readonly string[],
  kind: OAuthClient['kind'],
  isPublic: boolean,
): void {
  if (kind === 'service' && uris.length > 0) throw invalid('redirectUris', 'must be empty for a service app')
  // A public client without an address is one for devices alone; one with a secret has no other use.
  if (kind === 'integration' && uris.length === 0 && !isPublic)
    throw invalid('redirectUris', 'must name at least one address')
  for (const [i, uri] of uris.entries()) {
    const fault = redirectUriFault(uri)
    if (fault !== undefined) throw invalid(`redirectUris.${i}`, fault)
  }
}

/** Names are shown to people on the consent page: one line, nothing invisible. */
export function nameOf(text: string): string {
  const name = text.trim()
  if (name === '' || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name))
    throw invalid('name', 'must be one line of visible text')
  return name
}

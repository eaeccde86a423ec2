/**
 * Service apps: an administrator authorizes one for the organisation, a compliance officer for compliance scopes, each with
 * what they hold themselves; then it is given its tokens (contract, auth §1).
 */
import { knownClient } from '../../oauth/clients.ts'
import { giveTokens, makeGrant, revokeGrant } from '../../oauth/grants.ts'
import { forgetCallers } from '../../tokens/callers.ts'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import { acting } from '../library/acting.ts'
import type { Operation } from '../operation.ts'
import { serviceAppOfPath } from './client-rows.ts'
import { mustBeOwnToken, mustHold, scopesOf } from './giving.ts'

const readAuthorize = bodyReader('AuthorizeServiceAppRequest')
const readToken = bodyReader('ServiceAppTokenRequest')

/** `PUT /tandem/v1/clients/{clientId}/authorization`: what somebody else has authorized before may stay. */
export const authorizeServiceApp: Operation = {
  id: 'authorizeServiceApp',
  async run(request, services) {
    const { caller } = request
    const body = await readAuthorize(request.body)
    const client = await serviceAppOfPath(request, services)
    mustBeOwnToken(caller)
    const scopes = body.scopes === undefined ? client.scopes : scopesOf(body.scopes)
    const foreign = scopes.find((scope) => !client.scopes.includes(scope))
    if (foreign !== undefined)
      throw invalid('scopes', `names ${foreign}, which the app is not registered with`)
    const before = client.authorizedScopes ?? []
    mustHold(
      caller,
      scopes.filter((scope) => !before.includes(scope)),
    )
    const detail = { clientId: client.id, clientName: client.name, scopes: scopes.join(' ') }
    await services.db.commit([
      services.db.kysely
        .updateTable('oauth_clients')
        .set({ authorized_scopes: JSON.stringify(scopes) })
        .where('id', '=', client.id),
      ...services.recordings.audit.statements([
        { actor: acting(request, 'authorizeServiceApp'), action: 'app.authorized', detail },
      ]),
    ])
    forgetCallers()
    return {}
  },
}

/** `DELETE /tandem/v1/clients/{clientId}/authorization`. Repeating it is a success that changes nothing. */
export const deauthorizeServiceApp: Operation = {
  id: 'deauthorizeServiceApp',
  async run(request, services) {
    const client = await serviceAppOfPath(request, services)
    const now = services.now()
    await services.db.transaction(async (tx) => {
      await tx
        .updateTable('oauth_clients')
        .set({ authorized_scopes: null })
        .where('id', '=', client.id)
        .execute()
      const grants = await tx
        .selectFrom('oauth_grants')
        .select('id')
        .where('client_id', '=', client.id)
        .where('revoked_at', 'is', null)
        .execute()
      for (const { id } of grants) await revokeGrant(tx, id, now)
    })
    forgetCallers()
    const detail = { clientId: client.id, clientName: client.name }
    await services.recordings.audit.add([
      { actor: acting(request, 'deauthorizeServiceApp'), action: 'app.deauthorized', detail },
    ])
    return {}
  },
}

/**
 * `POST /tandem/v1/clients/{clientId}/token`. Whoever does not hold what the app is authorized for must show its secret:
 * an administrator does not come by compliance scopes in this way.
 */
export const createServiceAppToken: Operation = {
  id: 'createServiceAppToken',
  answer: 'OAuthTokens',
  async run(request, services) {
    const { clientSecret: secret } = await readToken(request.body)
    const client = await serviceAppOfPath(request, services)
    mustBeOwnToken(request.caller)
    if (secret === undefined) mustHold(request.caller, client.authorizedScopes ?? [])
    else if ((await knownClient(services.db, { id: client.id, secret })) === undefined)
      throw new Failure('scope_forbidden', 'clientSecret is not the secret of this app')
    const scopes = client.authorizedScopes
    if (scopes === undefined)
      throw new Failure('scope_forbidden', 'The organisation has not authorized this service app')
    const now = services.now()
    const answer = await services.db.transaction(async (tx) => {
      const grants = await tx
        .selectFrom('oauth_grants')
        .select('id')
        .where('client_id', '=', client.id)
        .where('revoked_at', 'is', null)
        .execute()
      // The app is given one refresh token at a time; its access tokens run out by themselves.
      for (const { id } of grants)
        await tx.deleteFrom('oauth_refresh_tokens').where('grant_id', '=', id).execute()
      const grant = await makeGrant(tx, { client, orgId: client.orgId, personId: undefined, scopes, now })
      return giveTokens(tx, { grant, client, scopes, now })
    })
    const detail = { clientId: client.id, clientName: client.name, scopes: scopes.join(' ') }
    await services.recordings.audit.add([
      { actor: acting(request, 'createServiceAppToken'), action: 'token.created', detail },
    ])
    return { body: answer, headers: { 'cache-control': 'no-store' } }
  },
}

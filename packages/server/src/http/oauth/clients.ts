/** `/tandem/v1/clients`: the applications of an organisation, for its administrators. */
import { randomUUID } from 'node:crypto'
import { clientOf, type OAuthClient } from '../../oauth/clients.ts'
import { forgetCallers } from '../../tokens/callers.ts'
import { hashOf, newTokenText } from '../../tokens/token-text.ts'
import { bodyReader } from '../body.ts'
import { actorOf } from '../converged-recordings/actor.ts'
import { invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { checkRedirectUris, clientOfPath, clientView, nameOf } from './client-rows.ts'
import { mustHold, scopesOf } from './giving.ts'

const readCreate = bodyReader('CreateClientRequest')
const readUpdate = bodyReader('UpdateClientRequest')
const CLIENTS_MAX = 1_000

/** `GET /tandem/v1/clients`, by name. */
export const listClients: Operation = {
  id: 'listClients',
  answer: 'OAuthClientList',
  async run(request, services) {
    const max = request.query.integer('max', { min: 1, max: CLIENTS_MAX }) ?? CLIENTS_MAX
    const rows = await services.db.kysely
      .selectFrom('oauth_clients')
      .selectAll()
      .where('org_id', '=', request.caller.orgId)
      .orderBy('name')
      .orderBy('id')
      .limit(max)
      .execute()
    return { body: { items: rows.map((row) => clientView(clientOf(row))) } }
  },
}

/** `POST /tandem/v1/clients`. */
export const createClient: Operation = {
  id: 'createClient',
  answer: 'CreatedOAuthClient',
  async run(request, services) {
    const body = await readCreate(request.body)
    const kind = body.kind ?? 'integration'
    const isConfidential = body.confidential ?? true
    if (kind === 'service' && !isConfidential)
      throw invalid('confidential', 'must be true for a service app: it is known by its secret alone')
    const scopes = scopesOf(body.scopes)
    const redirectUris = [...new Set(body.redirectUris ?? [])]
    checkRedirectUris(redirectUris, kind, !isConfidential)
    const secret = isConfidential ? newTokenText('tds_') : undefined
    const row = {
      id: randomUUID(),
      org_id: request.caller.orgId,
      name: nameOf(body.name),
      kind,
      secret_hash: secret === undefined ? null : hashOf(secret),
      redirect_uris: JSON.stringify(redirectUris),
      scopes: JSON.stringify(scopes),
      authorized_scopes: null,
      created_by: request.caller.personId,
      created_at: services.now(),
    }
    const client = clientOf(row)
    await services.db.commit([
      services.db.kysely.insertInto('oauth_clients').values(row),
      ...note(request, services, 'client.created', client),
    ])
    return { body: { ...clientView(client), ...(secret === undefined ? {} : { secret }) } }
  },
}

/** `GET /tandem/v1/clients/{clientId}`. */
export const getClient: Operation = {
  id: 'getClient',
  answer: 'OAuthClient',
  async run(request, services) {
    return { body: clientView(await clientOfPath(request, services)) }
  },
}

/** `PUT /tandem/v1/clients/{clientId}`: what is absent stays. A scope that is taken away goes from the tokens too. */
export const updateClient: Operation = {
  id: 'updateClient',
  answer: 'OAuthClient',
  async run(request, services) {
    const body = await readUpdate(request.body)
    const client = await clientOfPath(request, services)
    const scopes = body.scopes === undefined ? client.scopes : scopesOf(body.scopes)
    const redirectUris = [...new Set(body.redirectUris ?? client.redirectUris)]
    checkRedirectUris(redirectUris, client.kind, !client.isConfidential)
    const name = body.name === undefined ? client.name : nameOf(body.name)
    const authorizedScopes = client.authorizedScopes?.filter((scope) => scopes.includes(scope))
    await services.db.commit([
      services.db.kysely
        .updateTable('oauth_clients')
        .set({
          name,
          redirect_uris: JSON.stringify(redirectUris),
          scopes: JSON.stringify(scopes),
          authorized_scopes: authorizedScopes === undefined ? null : JSON.stringify(authorizedScopes),
        })
        .where('id', '=', client.id),
      ...note(request, services, 'client.changed', client, Object.keys(body).join(' ')),
    ])
    forgetCallers()
    const changed = { ...client, name, redirectUris, scopes }
    return {
      body: clientView(authorizedScopes === undefined ? changed : { ...changed, authorizedScopes }),
    }
  },
}

/** `DELETE /tandem/v1/clients/{clientId}`: its tokens, consents and codes go with it. */
export const deleteClient: Operation = {
  id: 'deleteClient',
  async run(request, services) {
    const client = await clientOfPath(request, services)
    await services.db.commit([
      services.db.kysely.deleteFrom('oauth_clients').where('id', '=', client.id),
      ...note(request, services, 'client.deleted', client),
    ])
    forgetCallers()
    return {}
  },
}

/**
 * `POST /tandem/v1/clients/{clientId}/secret`. Whoever has the secret of an authorized service app can have its tokens, so
 * a new one is only for those who hold what it opens.
 */
export const rotateClientSecret: Operation = {
  id: 'rotateClientSecret',
  answer: 'CreatedOAuthClient',
  async run(request, services) {
    const client = await clientOfPath(request, services)
    if (!client.isConfidential) throw invalid('clientId', 'must not be a public client: it has no secret')
    mustHold(request.caller, client.authorizedScopes ?? [])
    const secret = newTokenText('tds_')
    await services.db.commit([
      services.db.kysely
        .updateTable('oauth_clients')
        .set({ secret_hash: hashOf(secret) })
        .where('id', '=', client.id),
      ...note(request, services, 'client.changed', client, 'secret'),
    ])
    return { body: { ...clientView(client), secret } }
  },
}

function note(
  request: ApiRequest,
  services: Services,
  action: 'client.created' | 'client.changed' | 'client.deleted',
  client: OAuthClient,
  changed?: string,
): ReturnType<Services['recordings']['audit']['statements']> {
  const detail = {
    clientId: client.id,
    name: client.name,
    kind: client.kind,
    ...(changed === undefined ? {} : { changed }),
  }
  return services.recordings.audit.statements([{ actor: actorOf(request, 'admin'), action, detail }])
}

/** `/tandem/v1/tokens`: a person's own tokens, and for administrators all of the organisation. */
import { randomUUID } from 'node:crypto'
import { type AccessToken, canonicalUuid, encodeWebexId, grantsOf, printMilliseconds } from '@tandem/contract'
import type { Selectable } from '@tandem/store'
import type { TokenTable } from '../../data/tables.ts'
import { revokeGrant } from '../../oauth/grants.ts'
import { forgetCallers } from '../../tokens/callers.ts'
import { hashOf, newTokenText } from '../../tokens/token-text.ts'
import { bodyReader } from '../body.ts'
import { actorOf } from '../converged-recordings/actor.ts'
import { Failure } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { mustBeOwnToken, mustHold, scopesOf } from './giving.ts'

const readCreate = bodyReader('CreateTokenRequest')
/** How long a personal access token works (contract, auth §1). */
const PERSONAL_MS = 12 * 60 * 60_000
const TOKENS_MAX = 1_000

/** `GET /tandem/v1/tokens`: the ones that work, newest first. */
export const listTokens: Operation = {
  id: 'listTokens',
  answer: 'AccessTokenList',
  async run(request, services) {
    const { caller, query } = request
    const max = query.integer('max', { min: 1, max: TOKENS_MAX }) ?? TOKENS_MAX
    let rows = services.db.kysely
      .selectFrom('tokens')
      .selectAll()
      .where('org_id', '=', caller.orgId)
      .where('revoked_at', 'is', null)
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', services.now())]))
    const isWide = grantsOf('listTokens', caller).some(({ reach }) => reach === 'organization')
    if (!isWide) rows = rows.where('person_id', '=', caller.personId)
    const found = await rows.orderBy('created_at', 'desc').orderBy('id').limit(max).execute()
    return { body: { items: found.map(tokenView) } }
  },
}

/** `POST /tandem/v1/tokens`: a personal access token, which never outlives the token that made it. */
export const createToken: Operation = {
  id: 'createToken',
  answer: 'CreatedAccessToken',
  async run(request, services) {
    const { caller } = request
    mustBeOwnToken(caller)
    const body = await readCreate(request.body)
    const scopes = scopesOf(body.scopes ?? ['spark:all'])
    mustHold(caller, scopes)
    const now = services.now()
    const wantedMs = body.expiresInSeconds === undefined ? PERSONAL_MS : body.expiresInSeconds * 1_000
    const expiresAt = Math.min(now + wantedMs, await endOf(caller.tokenId, services))
    const token = newTokenText()
    const row: Selectable<TokenTable> = {
      id: randomUUID(),
      hash: hashOf(token),
      org_id: caller.orgId,
      person_id: caller.personId,
      kind: 'personal',
      client_id: null,
      grant_id: null,
      scopes: JSON.stringify(scopes),
      note: body.name ?? '',
      created_at: now,
      expires_at: expiresAt,
      revoked_at: null,
    }
    const detail = { tokenId: row.id, scopes: scopes.join(' ') }
    await services.db.commit([
      services.db.kysely.insertInto('tokens').values(row),
      ...services.recordings.audit.statements([
        { actor: actorOf(request, 'user'), action: 'token.created', detail },
      ]),
    ])
    return { body: { ...tokenView(row), token } }
  },
}

/** `DELETE /tandem/v1/tokens/{tokenId}`, with all that came of the same consent. */
export const revokeToken: Operation = {
  id: 'revokeToken',
  async run(request, services) {
    const { caller } = request
    const [grant] = grantsOf('revokeToken', caller)
    const id = canonicalUuid(request.params['tokenId'] ?? '')
    const now = services.now()
    const revoked = await services.db.transaction(async (tx) => {
      const row = await tx
        .selectFrom('tokens')
        .select(['person_id', 'grant_id', 'client_id'])
        .where('id', '=', id)
        .where('org_id', '=', caller.orgId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (row === undefined || (grant?.reach !== 'organization' && row.person_id !== caller.personId))
        return undefined
      if (row.grant_id !== null) await revokeGrant(tx, row.grant_id, now)
      await tx.updateTable('tokens').set({ revoked_at: now }).where('id', '=', id).execute()
      return row
    })
    if (revoked === undefined) throw new Failure('token_not_found')
    forgetCallers()
    const detail = { tokenId: id, personId: revoked.person_id ?? '', clientId: revoked.client_id ?? '' }
    await services.recordings.audit.add([
      { actor: actorOf(request, grant?.as ?? 'user'), action: 'token.revoked', detail },
    ])
    return {}
  },
}

function tokenView(row: Selectable<TokenTable>): AccessToken {
  return {
    id: row.id,
    kind: row.kind as AccessToken['kind'], // Checked by the table.
    name: row.note,
    ...(row.person_id === null ? {} : { personId: encodeWebexId('PEOPLE', row.person_id) }),
    ...(row.client_id === null ? {} : { clientId: row.client_id }),
    scopes: JSON.parse(row.scopes) as string[], // Written by whoever made the token.
    created: printMilliseconds(row.created_at),
    ...(row.expires_at === null ? {} : { expires: printMilliseconds(row.expires_at) }),
  }
}

async function endOf(tokenId: string | undefined, services: Services): Promise<number> {
  const row = await services.db.kysely
    .selectFrom('tokens')
    .select('expires_at')
    .where('id', '=', tokenId ?? '')
    .executeTakeFirst()
  return row?.expires_at ?? Number.POSITIVE_INFINITY
}

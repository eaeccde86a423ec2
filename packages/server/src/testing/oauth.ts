/** OAuth clients for tests, put straight into the database. */
import { randomUUID } from 'node:crypto'
import { hashOf, newTokenText } from '../tokens/token-text.ts'
import { IDS, type TestApi } from './api.ts'

/** A client and its secret; a public one has none. */
export interface MadeClient {
  readonly id: string
  readonly secret: string | undefined
}

/** Makes a client of Alpha whose name would break a page that does not escape. */
export async function makeClient(
  api: TestApi,
  options: {
    readonly redirectUris?: readonly string[]
    readonly scopes: readonly string[]
    readonly isPublic?: boolean
    readonly kind?: 'integration' | 'service'
    readonly authorized?: readonly string[]
  },
): Promise<MadeClient> {
  const secret = options.isPublic === true ? undefined : newTokenText('tds_')
  const id = randomUUID()
  await api.data.db.kysely
    .insertInto('oauth_clients')
    .values({
      id,
      org_id: IDS.org,
      name: 'Test <app>',
      kind: options.kind ?? 'integration',
      secret_hash: secret === undefined ? null : hashOf(secret),
      redirect_uris: JSON.stringify(options.redirectUris ?? []),
      scopes: JSON.stringify(options.scopes),
      authorized_scopes: options.authorized === undefined ? null : JSON.stringify(options.authorized),
      created_by: IDS.admin,
      created_at: api.now,
    })
    .execute()
  return { id, secret }
}

/**
 * Whoever may own recordings, as the library asks for them (`OwnersPort`): people by their email, workspaces and virtual
 * lines by the address that the server assigns them (converged-recordings §2, §8). Every question is asked inside one
 * organisation.
 */
import type { Owner, OwnersPort, OwnerType } from '@tandem/recordings'
import type { ServerDatabase } from '../data/open-data.ts'
import { assignedEmail, assignedLine } from '../directory/assigned-email.ts'

/** Kinds of line in the spelling of recordings. */
const TYPES: Readonly<Record<string, OwnerType>> = {
  person: 'user',
  place: 'place',
  virtualLine: 'virtualLine',
}

/** The owners of one directory. */
export class Owners implements OwnersPort {
  readonly #db: ServerDatabase

  constructor(db: ServerDatabase) {
    this.#db = db
  }

  async byEmail(orgId: string, email: string): Promise<Owner | undefined> {
    const person = await this.#lines(orgId)
      .where('people.email_folded', '=', email.toLowerCase())
      .executeTakeFirst()
    if (person !== undefined) return this.#ownerOf(person)
    const assigned = assignedLine(email)
    if (assigned === undefined) return undefined
    const line = await this.#lines(orgId)
      .where('lines.kind', '=', assigned.kind)
      .where('lines.extension', '=', assigned.extension)
      .executeTakeFirst()
    const owner = line && (await this.#ownerOf(line))
    return owner?.email === email.toLowerCase() ? owner : undefined
  }

  async byId(orgId: string, id: string): Promise<Owner | undefined> {
    const line = await this.#lines(orgId).where('lines.id', '=', id).executeTakeFirst()
    return line && this.#ownerOf(line)
  }

  #lines(orgId: string) {
    return this.#db.kysely
      .selectFrom('lines')
      .leftJoin('people', (join) =>
        join.onRef('people.org_id', '=', 'lines.org_id').onRef('people.id', '=', 'lines.id'),
      )
      .select([
        'lines.id',
        'lines.org_id',
        'lines.kind',
        'lines.display_name',
        'lines.location_id',
        'lines.extension',
        'people.email',
      ])
      .where('lines.org_id', '=', orgId)
  }

  async #ownerOf(row: {
    readonly id: string
    readonly org_id: string
    readonly kind: string
    readonly display_name: string
    readonly location_id: string
    readonly extension: string
    readonly email: string | null
  }): Promise<Owner> {
    return {
      id: row.id,
      type: TYPES[row.kind] ?? 'user',
      name: row.display_name,
      email: row.email ?? assignedEmail(row, await this.#domainOf(row.org_id)),
      locationId: row.location_id,
    }
  }

  async #domainOf(orgId: string): Promise<string | undefined> {
    const row = await this.#db.kysely
      .selectFrom('domains')
      .select('domain')
      .where('org_id', '=', orgId)
      .where('position', '=', 0)
      .executeTakeFirst()
    return row?.domain
  }
}

/** `GET /people/me`: the person that the token belongs to (auth §6). Any valid token will do. */
import { encodeWebexId, type Person, printMilliseconds } from '@tandem/contract'
import { Failure } from '../failure.ts'
import { appPerson } from '../oauth/app-person.ts'
import type { Operation } from '../operation.ts'

/** Shows the caller. */
export const getMyPerson: Operation = {
  id: 'getMyPerson',
  answer: 'Person',
  async run(request, services) {
    request.query.boolean('callingData')
    const { orgId, personId } = request.caller
    if (request.caller.isApp === true) return { body: await appPerson(services.db, request.caller) }
    const row = await services.db.kysely
      .selectFrom('people')
      .innerJoin('lines', 'lines.id', 'people.id')
      .innerJoin('domains', (join) =>
        join.onRef('domains.org_id', '=', 'people.org_id').on('position', '=', 0),
      )
      .selectAll('people')
      .select([
        'domains.domain',
        'lines.numbers',
        'lines.extension',
        'lines.location_id',
        'lines.display_name',
      ])
      .where('people.org_id', '=', orgId)
      .where('people.id', '=', personId)
      .executeTakeFirst()
    if (row === undefined) throw new Failure('unauthorized') // Removed since the token was looked up.
    const numbers = JSON.parse(row.numbers) as string[] // Written by the directory.
    const person: Person = {
      id: encodeWebexId('PEOPLE', row.id),
      emails: [row.email],
      phoneNumbers: [
        ...numbers.map((value, i) => ({ type: 'work', value, primary: i === 0 })),
        { type: 'work_extension', value: row.extension, primary: numbers.length === 0 },
      ],
      extension: row.extension,
      locationId: encodeWebexId('LOCATION', row.location_id),
      displayName: row.display_name,
      firstName: row.first_name,
      lastName: row.last_name,
      userName: row.email,
      orgId: encodeWebexId('ORGANIZATION', row.org_id),
      created: printMilliseconds(row.created_at),
      lastModified: printMilliseconds(row.modified_at),
      ...(row.timezone === null ? {} : { timezone: row.timezone }),
      sipAddresses: [{ type: 'cloud-calling', value: `${row.extension}@${row.domain}`, primary: true }],
      invitePending: false,
      loginEnabled: true,
      type: 'person',
    }
    return { body: person }
  },
}

/** A person as auth §6 shows them: the whole to administrators and to themselves, names and numbers to everybody else. */
import { encodeWebexId, type Person, printMilliseconds } from '@tandem/contract'
import type { PersonRow } from './person-rows.ts'

/** How much is shown: `names` to others, `all` to administrators, and `calling` with `callingData=true`. */
export type PersonDetail = 'names' | 'all' | 'calling' | 'own'

/** The person on the wire. */
export function personView(row: PersonRow, detail: PersonDetail): Person {
  const numbers = JSON.parse(row.numbers) as string[] // Written by the directory.
  const roles = JSON.parse(row.roles) as string[] // Written by the directory.
  const calling = detail === 'calling' || detail === 'own'
  return {
    id: encodeWebexId('PEOPLE', row.id),
    emails: [row.email],
    phoneNumbers: [
      ...numbers.map((value, i) => ({ type: 'work', value, primary: i === 0 })),
      { type: 'work_extension', value: row.extension, primary: numbers.length === 0 },
    ],
    ...(calling ? { extension: row.extension, locationId: encodeWebexId('LOCATION', row.location_id) } : {}),
    displayName: row.display_name,
    firstName: row.first_name,
    lastName: row.last_name,
    orgId: encodeWebexId('ORGANIZATION', row.org_id),
    created: printMilliseconds(row.created_at),
    invitePending: false,
    loginEnabled: true,
    type: 'person',
    ...(detail === 'names'
      ? {}
      : {
          userName: row.email,
          lastModified: printMilliseconds(row.modified_at),
          ...(row.timezone === null ? {} : { timezone: row.timezone }),
          sipAddresses: [{ type: 'cloud-calling', value: `${row.extension}@${row.domain}`, primary: true }],
        }),
    ...(detail === 'all' || detail === 'calling'
      ? { roles: roles.map((role) => encodeWebexId('ROLE', role)) }
      : {}),
  }
}

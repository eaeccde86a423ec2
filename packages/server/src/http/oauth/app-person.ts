/** A service app as `GET /people/me` shows it (contract, auth §6): a person of type `appuser`, without phone or mailbox. */
import { type Caller, encodeWebexId, type Person, printMilliseconds } from '@tandem/contract'
import type { ServerDatabase } from '../../data/open-data.ts'
import { findClient } from '../../oauth/clients.ts'
import { Failure } from '../failure.ts'

/** The app that a caller is. */
export async function appPerson(db: ServerDatabase, caller: Caller): Promise<Person> {
  const client = await findClient(db, caller.personId)
  if (client === undefined) throw new Failure('unauthorized') // Deleted since the token was looked up.
  return {
    id: encodeWebexId('APPLICATION', client.id),
    emails: [],
    displayName: client.name,
    firstName: client.name,
    lastName: '',
    orgId: encodeWebexId('ORGANIZATION', client.orgId),
    created: printMilliseconds(client.createdAt),
    invitePending: false,
    loginEnabled: false,
    type: 'appuser',
  }
}

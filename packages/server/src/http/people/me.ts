/** `GET /people/me`: the person that the token belongs to (auth §6). Any valid token will do. */
import { Failure } from '../failure.ts'
import { appPerson } from '../oauth/app-person.ts'
import type { Operation } from '../operation.ts'
import { readPeople } from './person-rows.ts'
import { personView } from './person-view.ts'

/** Shows the caller. */
export const getMyPerson: Operation = {
  id: 'getMyPerson',
  answer: 'Person',
  async run(request, services) {
    request.query.boolean('callingData') // What it would add is everybody's own anyway.
    if (request.caller.isApp === true) return { body: await appPerson(services.db, request.caller) }
    const { orgId, personId } = request.caller
    const [row] = await readPeople(services, orgId, { ids: [personId], max: 1 })
    if (row === undefined) throw new Failure('unauthorized') // Removed since the token was looked up.
    return { body: personView(row, 'own') }
  },
}

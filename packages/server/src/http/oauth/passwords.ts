/** The own password, and the one-time links with which an administrator lets a person set one. */
import { printMilliseconds, type Role, rawKey } from '@tandem/contract'
import { PasswordsBusy } from '../../oauth/argon2.ts'
import { makePasswordLink, passwordFault, setPassword, storedPassword } from '../../oauth/passwords.ts'
import { bodyReader } from '../body.ts'
import { actorOf } from '../converged-recordings/actor.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { mustBeOwnToken, mustHold } from './giving.ts'

const readPassword = bodyReader('SetPasswordRequest')

/** `PUT /tandem/v1/people/me/password`. Where there is one, it must be shown: a stolen token does not change it. */
export const setMyPassword: Operation = {
  id: 'setMyPassword',
  async run(request, services) {
    const { caller } = request
    mustBeOwnToken(caller)
    const body = await readPassword(request.body)
    const { orgId, personId } = caller
    const person = await services.db.kysely
      .selectFrom('people')
      .select('email')
      .where('org_id', '=', orgId)
      .where('id', '=', personId)
      .executeTakeFirst()
    if (person === undefined) throw new Failure('unauthorized') // Removed since the token was looked up.
    const fault = passwordFault(body.newPassword, person.email)
    if (fault !== undefined) throw invalid('newPassword', fault)
    try {
      await checkCurrent(request, services, body.currentPassword)
      const password = body.newPassword
      await setPassword(services.db, services.access.hasher, {
        orgId,
        personId,
        password,
        now: services.now(),
      })
    } catch (error) {
      if (error instanceof PasswordsBusy) throw new Failure('overloaded')
      throw error
    }
    await services.recordings.audit.add([
      { actor: actorOf(request, 'user'), action: 'password.set', detail: { by: 'person' } },
    ])
    return {}
  },
}

/** `POST /tandem/v1/people/{personId}/invitation`. A second one replaces the first. */
export const invitePerson: Operation = {
  id: 'invitePerson',
  answer: 'Invitation',
  async run(request, services) {
    mustBeOwnToken(request.caller)
    const { orgId } = request.caller
    const id = rawKey(request.params['personId'] ?? '', ['PEOPLE']) ?? ''
    const person = await services.db.kysely
      .selectFrom('people')
      .select(['id', 'roles'])
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (person === undefined) throw new Failure('person_not_found')
    // Whoever has the link can sign in as the person, and no administrator becomes a compliance officer in this way.
    const roles = JSON.parse(person.roles) as Role[] // Written by the directory.
    if (roles.includes('complianceOfficer')) mustHold(request.caller, ['spark-compliance:recordings_write'])
    const { secret, expiresAt } = await makePasswordLink(services.db, {
      orgId,
      personId: person.id,
      now: services.now(),
    })
    const detail = { personId: person.id, by: 'invitation' }
    await services.recordings.audit.add([
      { actor: actorOf(request, 'admin'), action: 'password.set', detail: { ...detail, invited: true } },
    ])
    return {
      body: { url: `${services.publicUrl}/password/${secret}`, expires: printMilliseconds(expiresAt) },
      headers: { 'cache-control': 'no-store' },
    }
  },
}

async function checkCurrent(
  request: ApiRequest,
  services: Services,
  current: string | undefined,
): Promise<void> {
  const { caller } = request
  const stored = await storedPassword(services.db, caller)
  if (stored === undefined) return
  if (current === undefined) throw invalid('currentPassword', 'is required, since there is a password')
  const { attempts, hasher } = services.access
  // By the token and not by the address: it is one person whoever carries the token.
  const waitSeconds = attempts.begin(`password ${caller.personId}`, '', services.now())
  if (waitSeconds > 0)
    throw new Failure('too_many_requests', undefined, { 'retry-after': String(waitSeconds) })
  if (!(await hasher.verify(current, stored))) {
    services.access.countSignIn('password', 'refused')
    throw invalid('currentPassword', 'is not right')
  }
  attempts.succeeded(`password ${caller.personId}`, '')
}

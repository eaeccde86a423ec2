/** wxc_sdk reads who it is and whom it knows, and how calls are recorded (contract, auth §6; call-recording settings). */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Wxc } from '../peers/wxc.ts'
import { BOSS, emailOf, numberOf } from '../theatre/company.ts'
import type { Theatre } from '../theatre/theatre.ts'
import { done } from './done.ts'

/** Registers the tests. */
export function settingTests(theatre: () => Theatre, wxc: () => Wxc, skip: string | false): void {
  const seat = { role: 'ada', table: 1 } as const

  it('people: me, list, details', { skip }, async () => {
    const boss = theatre().outsider(BOSS).token
    const me = await done(wxc(), boss, 'people.me')
    assert.deepEqual([me.emails, me.type], [[BOSS], 'person'])
    const [listed, ...others] = await done(wxc(), boss, 'people.list', { email: emailOf(seat) })
    assert.deepEqual([listed.emails, others], [[emailOf(seat)], []])
    const details = await done(wxc(), boss, 'people.details', {
      person_id: listed.personId ?? listed.id,
      calling_data: true,
    })
    assert.deepEqual([details.emails, details.extension], [[emailOf(seat)], numberOf(seat)])
  })

  it('call recording settings: read, configure', { skip }, async () => {
    const boss = theatre().outsider(BOSS).token
    const [person] = await done(wxc(), boss, 'people.list', { email: emailOf({ role: 'cyd', table: 1 }) })
    const person_id = person.personId ?? person.id
    const settings = 'person_settings.call_recording'
    const before = await done(wxc(), boss, `${settings}.read`, { entity_id: person_id })
    assert.equal(before.record, 'Never')
    await done(wxc(), boss, `${settings}.configure`, {
      entity_id: person_id,
      recording: { ...before, enabled: true, record: 'Always' },
    })
    const after = await done(wxc(), boss, `${settings}.read`, { entity_id: person_id })
    assert.deepEqual([after.enabled, after.record], [true, 'Always'])
  })
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordingMode } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import { Leg } from '../leg/leg.ts'
import { call, endAll, talkingWith, worldOf } from '../tap/taped.test.ts'
import { directory } from '../world.test.ts'
import { recordOf } from './record.ts'
import { Session } from './session.ts'

/** A half that has talked, of a line of this mode. */
function talked(mode: RecordingMode): { session: Session; half: CallHalf } {
  const { devices, lines } = directory()
  const [line] = lines
  const [device] = devices
  assert.ok(line !== undefined && device !== undefined)
  const session = new Session({ id: 's', orgId: 'acme', startedAt: 1 })
  const options = { session, createdAt: 1, personality: 'terminator', phase: 'connected' } as const
  const half = new CallHalf({ ...options, id: 'one', line: { ...line, recording: { mode } } })
  half.peer = new CallHalf({ ...options, id: 'two', line })
  half.leg = new Leg({ id: 'leg', half, device, family: 4 })
  half.answeredAt = 2
  session.past.push(half)
  return { session, half }
}

describe('the record of a session', () => {
  it('names the calls of always recorded lines that talked and of which no recording was begun (promise P4)', () => {
    const missing = [{ callId: 'one', lineId: 'acme-101', why: 'not begun' }]
    assert.deepEqual(recordOf(talked('Always').session).unrecorded, missing)
    assert.deepEqual(recordOf(talked('Always with Pause/Resume').session).unrecorded, missing)
    assert.deepEqual(recordOf(talked('Never').session).unrecorded, [])
    assert.deepEqual(recordOf(talked('On Demand with User Initiated Start').session).unrecorded, [])
    const failed = talked('Always')
    failed.half.recordingState = 'failed'
    assert.deepEqual(recordOf(failed.session).unrecorded, [], 'that one is among the recordings')
    const elsewhere = talked('Always')
    elsewhere.half.session = new Session({ id: 't', orgId: 'acme', startedAt: 1 })
    assert.deepEqual(recordOf(elsewhere.session).unrecorded, [], 'it went on in another session')
  })

  it('names none of a call that was recorded, nor of one that nobody answered', () => {
    const { world } = talkingWith({ 'acme-101': { mode: 'Always' } })
    endAll(world)
    assert.deepEqual(world.records[0]?.unrecorded, [])
    assert.equal(world.records[0]?.recordings.length, 1)
    const { world: other, phones } = worldOf({ 'acme-101': { mode: 'Always' } })
    phones[0]?.invite('102')
    other.run(500)
    endAll(other)
    assert.deepEqual(other.records[0]?.unrecorded, [])
  })

  it('names none of a call that was never out of sight: transferred, parked, fetched', () => {
    const always = { mode: 'Always' } as const
    const { world, phones } = worldOf({ 'acme-101': always, 'acme-102': always, 'acme-103': always })
    const [a, b, c] = phones
    assert.ok(a !== undefined && b !== undefined && c !== undefined)
    call(world, a, b)
    const actor = (lineId: string): { orgId: string; lineId: string } => ({ orgId: 'acme', lineId })
    const callId = world.list('acme-102')[0]?.callId ?? ''
    world.command({ kind: 'park', actor: actor('acme-102'), callId })
    world.command({ kind: 'retrieve', actor: actor('acme-103'), destination: '102' })
    world.run(300)
    c.answer()
    world.run(300)
    endAll(world)
    assert.deepEqual(
      world.records.flatMap(({ unrecorded }) => unrecorded),
      [],
    )
  })
})

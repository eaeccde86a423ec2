import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { CallGate, ENDED_MAX, type Gated } from './call-gate.ts'

const item = (id: string, callId: string = 'call'): Gated => ({ id, callId })
const idsOf = (items: readonly Gated[]): string[] => items.map(({ id }) => id)

describe('CallGate', () => {
  it('gives out all recordings of a half at its end, and those of no other', () => {
    const gate = new CallGate<Gated>()
    gate.hold(item('a'))
    gate.hold(item('b', 'other'))
    gate.hold(item('c'))
    assert.equal(gate.count, 3)
    assert.deepEqual(idsOf(gate.release('call', [])), ['a', 'c'])
    assert.deepEqual(idsOf(gate.release('call', [])), [])
    assert.deepEqual([...gate.ids], ['b'])
  })

  it('waits for a recording of the half that is still being made, until it is held', () => {
    const gate = new CallGate<Gated>()
    gate.hold(item('a'))
    assert.deepEqual(gate.release('call', ['b']), [])
    assert.deepEqual(idsOf(gate.hold(item('b'))), ['a', 'b'])
    assert.equal(gate.count, 0)
  })

  it('waits no longer for one that has failed', () => {
    const gate = new CallGate<Gated>()
    gate.hold(item('a'))
    gate.release('call', ['b', 'c'])
    assert.deepEqual(gate.passed('b'), [])
    assert.deepEqual(idsOf(gate.passed('c')), ['a'])
  })

  it('waits for nothing that is held already', () => {
    const gate = new CallGate<Gated>()
    gate.hold(item('a'))
    gate.hold(item('b'))
    assert.deepEqual(idsOf(gate.release('call', ['a', 'b'])), ['a', 'b'])
  })

  it(`remembers the last ${ENDED_MAX} ends, the oldest first to go`, () => {
    const gate = new CallGate<Gated>()
    for (let call = 0; call < ENDED_MAX; call++) gate.ended(`call ${call}`)
    assert.ok(gate.hasEnded('call 0'))
    gate.ended('call 0') // Told again: it is the newest now.
    gate.ended('one more')
    assert.deepEqual(
      ['call 0', 'call 1', 'call 2', 'one more'].map((call) => gate.hasEnded(call)),
      [true, false, true, true],
    )
  })

  it('gives out everything exactly once, whatever the order of inputs', () => {
    for (let seed = 0; seed < 500; seed++) {
      const random = new Random(seed)
      const gate = new CallGate<Gated>()
      const making = new Map<string, string>(
        Array.from({ length: 12 }, (_, at) => [`r${at}`, `call ${random.below(3)}`]),
      )
      const out: string[] = []
      const failed: string[] = []
      while (making.size > 0) {
        const [id, callId] = random.pick([...making]) as [string, string]
        const ofCall = [...making].flatMap(([each, call]) => (call === callId ? [each] : []))
        if (random.below(3) === 0) out.push(...idsOf(gate.release(callId, ofCall)))
        else {
          making.delete(id)
          const hasFailed = random.below(4) === 0
          if (hasFailed) failed.push(id)
          out.push(...idsOf(hasFailed ? gate.passed(id) : gate.hold(item(id, callId))))
        }
      }
      for (const callId of gate.callIds) out.push(...idsOf(gate.release(callId, [])))
      const all = [...out, ...failed].toSorted()
      assert.deepEqual(all, Array.from({ length: 12 }, (_, at) => `r${at}`).toSorted(), `seed ${seed}`)
      assert.equal(gate.count, 0, `seed ${seed}`)
    }
  })
})

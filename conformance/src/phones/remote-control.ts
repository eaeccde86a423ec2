/** Scenes of what only the phone can do: NOTIFY talk and hold, with phones that refuse and phones that do nothing (telephony.md). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Theatre } from '../theatre/theatre.ts'

/** Registers the scenes; they need SIPp. */
export function remoteControl(theatre: () => Theatre, skip: string | false): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, { skip }, () => theatre().play(act))
  }

  describe('talk and hold by NOTIFY', { concurrency: true }, () => {
    scene('a phone picks up, holds and takes back when it is asked', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const phone = await ben.sipp('talk-hold')
      await ada.phone.dial(ben.number)
      const id = await scene.until('it rings', async () => {
        const [call] = await ben.calls()
        return call?.state === 'alerting' ? call.id : undefined
      })
      await scene.until('the phone has rung', () =>
        ada.phone.log.find(0, ({ kind }) => kind === 'ringing') ? true : undefined,
      )
      const command = async (name: string): Promise<void> =>
        assert.equal((await ben.post(name, { callId: id })).status, 204)
      const peer = 'SIPp'
      await scene.act({ operation: 'answer (SIPp phone)', peer }, () => command('answer'), {
        states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
        events: { ada: 'updated:connected', ben: 'updated:answered' },
        wire: { ben: ['-> NOTIFY talk 200', '-> INVITE 200'] },
      })
      await scene.act({ operation: 'hold (SIPp phone)', peer }, () => command('hold'), {
        states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
        events: { ada: 'updated:remoteHeld', ben: 'updated:held' },
        wire: { ben: ['-> NOTIFY hold 200', '<- INVITE sendonly 200'] },
        hears: { ada: 'sound' },
      })
      await scene.act({ operation: 'resume (SIPp phone)', peer }, () => command('resume'), {
        states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
        events: { ada: 'updated:remoteResumed', ben: 'updated:resumed' },
        wire: { ben: ['-> NOTIFY talk 200', '<- INVITE 200'] },
      })
      await command('hangup')
      assert.equal(await phone.exited, 0, phone.output)
    })

    for (const [scenario, refusal] of [
      ['talk-refused', '489'],
      ['talk-pending', '491'],
    ] as const)
      scene(
        `a phone that answers NOTIFY talk with ${refusal} is not answered, and rings on`,
        async (scene) => {
          const [ada, ben] = [scene.person('ada'), scene.person('ben')]
          await ada.open()
          const phone = await ben.sipp(scenario)
          const call = await ada.phone.dial(ben.number)
          await call.waitFor('ringing', { since: 0 })
          await scene.act(
            { operation: `answer: ${refusal}`, peer: 'SIPp' },
            async () => {
              const { status, body } = await ben.post('answer', { callId: (await ben.call()).id })
              assert.deepEqual([status, body.message], [409, 'The phone refused the command'])
            },
            { states: { ada: 'originator connecting ben', ben: 'terminator alerting ada' }, events: {} },
          )
          await call.hangup()
          assert.equal(await phone.exited, 0, phone.output)
        },
      )

    scene('a phone that does nothing is waited for, within bounds: 504, and it rings on', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const phone = await ben.sipp('talk-ignored')
      const call = await ada.phone.dial(ben.number)
      await call.waitFor('ringing', { since: 0 })
      await scene.act(
        { operation: 'answer: no reaction', peer: 'SIPp' },
        async () => {
          const startedAt = performance.now()
          const { status } = await ben.post('answer', { callId: (await ben.call()).id })
          const tookMs = performance.now() - startedAt
          assert.equal(status, 504)
          assert.ok(tookMs > 4_500 && tookMs < 7_000, `${Math.round(tookMs)} ms`)
        },
        { states: { ada: 'originator connecting ben', ben: 'terminator alerting ada' }, events: {} },
      )
      await call.hangup()
      assert.equal(await phone.exited, 0, phone.output)
    })

    for (const [scenario, what] of [
      ['hold-refused', 'refuses'],
      ['hold-pending', 'says that an offer is open'],
      ['hold-ignored', 'does nothing'],
    ] as const)
      scene(`a phone that ${what} is held at the anchor instead`, async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        const phone = await ben.sipp(scenario)
        const call = await ada.phone.dial(ben.number)
        await call.waitFor('established', { since: 0 })
        await scene.act(
          { operation: `hold: phone ${what}`, peer: 'SIPp' },
          async () => assert.equal((await ben.post('hold', { callId: (await ben.call()).id })).status, 204),
          {
            states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
            events: { ada: 'updated:remoteHeld', ben: 'updated:held' },
            hears: { ada: 'sound' },
          },
        )
        await scene.act(
          {},
          async () => assert.equal((await ben.post('resume', { callId: (await ben.call()).id })).status, 204),
          { states: { ada: 'originator connected ben', ben: 'terminator connected ada' } },
        )
        await call.hangup()
        assert.equal(await phone.exited, 0, phone.output)
      })
  })
}

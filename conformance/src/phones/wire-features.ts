/** Scenes of what a phone may do on the wire: redirection, early media, session timers, UPDATE, reliable answers; by SIPp, whose stack is not ours. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Theatre } from '../theatre/theatre.ts'

/** Longer than half of the ninety seconds after which a session must have been refreshed (RFC 4028 §7.2). */
const REFRESH_MS_MAX = 56_000

/** Registers the scenes; they need SIPp. */
export function wireFeatures(theatre: () => Theatre, skip: string | false): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, { skip }, () => theatre().play(act))
  }
  const peer = 'SIPp'

  describe('what a phone does on the wire', { concurrency: true }, () => {
    for (const [scenario, what] of [
      ['refreshed-by-update', 'UPDATE'],
      ['refreshed-by-reinvite', 'a re-INVITE, again after a 491 (glare, RFC 3261 §14.1)'],
    ] as const)
      scene(`a session timer is kept by ${what}`, async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        const phone = await ben.sipp(scenario)
        const call = await ada.phone.dial(ben.number)
        await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
        const method = scenario === 'refreshed-by-update' ? 'UPDATE' : 'INVITE'
        await scene.act(
          { operation: `session timer: ${method}`, peer },
          () =>
            scene.until(
              'the session is refreshed',
              () => (ben.peers[0]?.wire.lines.includes(`-> ${method} 200`) ? true : undefined),
              REFRESH_MS_MAX,
            ),
          { states: { ada: 'originator connected ben', ben: 'terminator connected ada' }, events: {} },
        )
        await call.hangup()
        assert.equal(await phone.exited, 0, phone.output)
      })

    scene('a phone that refreshes by itself is answered with the timer (RFC 4028 §9)', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const phone = await ben.sipp('refreshes')
      await scene.act(
        { operation: 'session timer: phone refreshes', peer },
        async () => void (await ada.phone.dial(ben.number)),
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          wire: { ben: ['-> INVITE 200', '<- UPDATE 200'] },
        },
      )
      await ada.phone.calls[0]?.hangup()
      assert.equal(await phone.exited, 0, phone.output)
    })

    scene('a 302 sends the caller elsewhere, and shows by whom', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      await ada.open()
      await cyd.open()
      const phone = await ben.sipp('redirect', { elsewhere: cyd.number })
      await scene.act(
        { operation: '302', peer },
        async () => {
          await ada.phone.dial(ben.number)
        },
        {
          states: {
            ada: 'originator connecting cyd',
            ben: '-',
            cyd: 'terminator alerting ada divert:ben',
          },
          events: {
            ada: 'created:originated updated:updated',
            ben: 'created:received deleted:forwarded',
            cyd: 'created:received',
          },
          wire: { ben: ['-> INVITE 302'] },
        },
      )
      assert.equal(await phone.exited, 0, phone.output)
    })

    for (const scenario of ['early-media', 'early-media-reliable'] as const)
      scene(`sound before the answer reaches the caller (${scenario}, RFC 3960, RFC 3262)`, async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        const phone = await ben.sipp(scenario)
        await scene.act(
          { operation: scenario, peer },
          async () => {
            const call = await ada.phone.dial(ben.number)
            await call.waitFor('early', { since: 0, timeoutMs: 5_000 })
            await scene.hears({ ada: 'ben' })
            assert.equal((await ada.call()).state, 'connecting', 'it is not answered yet')
          },
          {
            states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
            hears: { ada: 'ben' },
            wire: { ben: scenario === 'early-media' ? ['-> INVITE 200'] : ['-> INVITE 200', '-> PRACK 200'] },
          },
        )
        await ada.phone.calls[0]?.hangup()
        assert.equal(await phone.exited, 0, phone.output)
      })

    scene('a hold by UPDATE is a hold (RFC 3311)', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const phone = await ben.sipp('holds-by-update')
      const call = await ada.phone.dial(ben.number)
      await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
      await scene.act({ operation: 'phone: hold by UPDATE', peer }, async () => {}, {
        states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
        wire: { ben: ['<- UPDATE sendonly 200'] },
        hears: { ada: 'sound' },
      })
      await scene.act({ operation: 'phone: resume by UPDATE', peer }, async () => {}, {
        states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
        wire: { ben: ['<- UPDATE 200'] },
      })
      await call.hangup()
      assert.equal(await phone.exited, 0, phone.output)
    })
  })
}

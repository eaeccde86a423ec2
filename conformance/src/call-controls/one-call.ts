/** Scenes of one call: dial, answer, reject, hang up, hold, resume, mute, digits (contract, call controls §4, §5.1, §5.2, §5.7). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Theatre } from '../theatre/theatre.ts'

/** Registers the scenes. */
export function oneCall(theatre: () => Theatre): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, () => theatre().play(act))
  }

  describe('one call', { concurrency: true }, () => {
    scene('dial rings the own phone first, then the destination (§5.1)', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const info = await scene.act(
        { operation: 'dial (1): own phone rings' },
        async () => {
          const { status, body } = await ada.post('dial', { destination: ben.number })
          assert.equal(status, 201)
          assert.deepEqual(Object.keys(body).toSorted(), ['callId', 'callSessionId'])
          return body
        },
        {
          states: { ada: 'clickToDial alerting ben', ben: '-' },
          events: { ada: 'created:originated' },
          wire: { ada: ['-> INVITE auto-answer'] },
        },
      )
      await scene.act(
        { operation: 'dial (2): answered, destination rings' },
        async () => {
          await (await ada.rings()).answer()
        },
        {
          states: { ada: 'originator connecting ben', ben: 'terminator alerting ada' },
          events: { ada: 'updated:updated', ben: 'created:received' },
          wire: { ada: ['-> INVITE auto-answer 200'], ben: ['-> INVITE'] },
          hears: { ada: 'sound' },
        },
      )
      await scene.act(
        { operation: 'dial (3): destination answers' },
        async () => {
          await (await ben.rings()).answer()
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: 'updated:connected', ben: 'updated:answered' },
          wire: { ben: ['-> INVITE 200'] },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
      const [call] = await ada.calls()
      assert.deepEqual([call?.id, call?.callSessionId], [info.callId, info.callSessionId])
      const [seen] = await ben.calls()
      assert.equal(seen?.callSessionId, info.callSessionId, 'one session for both')
      assert.ok(call?.answered !== undefined && call.created <= call.answered)
      assert.equal((await ada.request('GET', `/telephony/calls/${info.callId}`)).body.id, info.callId)
    })

    scene('answer makes the phone pick up by NOTIFY talk', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open({ honourTalk: true })
      await ada.phone.dial(ben.number)
      await ben.rings()
      await scene.act(
        { operation: 'answer' },
        async () => {
          const { id } = await ben.call()
          assert.equal((await ben.post('answer', { callId: id })).status, 204)
          assert.equal((await ben.call()).state, 'connected', 'it is so when the 204 leaves (§3)')
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: 'updated:connected', ben: 'updated:answered' },
          wire: { ben: ['-> NOTIFY talk 200'] },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    })

    scene('answer of a phone that takes no talk is refused, and the call rings on', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      await ada.phone.dial(ben.number)
      await ben.rings()
      await scene.act(
        { operation: 'answer: refused by capability' },
        async () => {
          const { id } = await ben.call()
          const { status, body } = await ben.post('answer', { callId: id })
          assert.equal(status, 409)
          assert.equal(body.message, 'The phone does not take this command')
        },
        { states: { ada: 'originator connecting ben', ben: 'terminator alerting ada' }, events: {} },
      )
    })

    for (const action of ['busy', 'temporarilyUnavailable', undefined] as const)
      scene(
        `reject as ${action ?? 'busy by default'} ends both sides and leaves a missed call`,
        async (scene) => {
          const [ada, ben] = [scene.person('ada'), scene.person('ben')]
          await ada.open()
          await ben.open()
          await ada.phone.dial(ben.number)
          await ben.rings()
          const before = Date.now() - 10
          await scene.act(
            { operation: `reject ${action ?? '(no action)'}` },
            async () => {
              const { id } = await ben.call()
              const body = action === undefined ? { callId: id } : { callId: id, action }
              assert.equal((await ben.post('reject', body)).status, 204)
            },
            {
              states: { ada: '-', ben: '-' },
              events: { ada: 'deleted:disconnected', ben: 'deleted:disconnected' },
              wire: {
                ben: ['-> INVITE 487'],
                ada: [`<- INVITE ${action === 'temporarilyUnavailable' ? 480 : 486}`],
              },
            },
          )
          const missed = await scene.until('the call is in the history', async () => {
            const { body } = await ben.quietly('GET', '/telephony/calls/history?type=missed')
            return body.items.find((item: { time: string }) => Date.parse(item.time) >= before)
          })
          assert.deepEqual([missed.type, missed.number, missed.privacyEnabled], ['missed', ada.number, false])
        },
      )

    scene('reject with ignore leaves the list at once while the caller hears ringing on', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      await ada.phone.dial(ben.number)
      await ben.rings()
      await scene.act(
        { operation: 'reject ignore' },
        async () => {
          const { id } = await ben.call()
          assert.equal((await ben.post('reject', { callId: id, action: 'ignore' })).status, 204)
        },
        {
          states: { ada: 'originator connecting ben', ben: '-' },
          events: { ben: 'deleted:disconnected' },
          wire: { ben: ['-> INVITE 487'] },
        },
      )
      assert.equal(ada.phone.calls[0]?.state, 'dialling', 'the caller still rings')
    })

    scene('hangup ends a connected call for both, and each has it in the history', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const before = Date.now() - 10
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'hangup' },
        async () => assert.equal((await ada.post('hangup', { callId: callerId })).status, 204),
        {
          states: { ada: '-', ben: '-' },
          events: { ada: 'deleted:disconnected', ben: 'deleted:disconnected' },
          wire: { ada: ['-> BYE 200'], ben: ['-> BYE 200'] },
        },
      )
      const recent = async (person: typeof ada, type: string): Promise<string[]> => {
        const { status, body } = await person.request('GET', `/telephony/calls/history?type=${type}`)
        assert.equal(status, 200)
        return body.items
          .filter((item: { time: string }) => Date.parse(item.time) >= before)
          .map((item: { number: string }) => item.number)
      }
      await scene.until('both have it in the history', async () =>
        (await recent(ada, 'placed')).length > 0 && (await recent(ben, 'received')).length > 0
          ? true
          : undefined,
      )
      await scene.act(
        { operation: 'history' },
        async () => {
          assert.deepEqual(await recent(ada, 'placed'), [ben.number])
          assert.deepEqual(await recent(ben, 'received'), [ada.number])
          const { body } = await ada.request('GET', '/telephony/calls/history')
          assert.ok(body.items.length <= 60)
          assert.equal((await ada.request('GET', '/telephony/calls/history?type=lost')).status, 400)
        },
        { states: { ada: '-', ben: '-' }, events: {} },
      )
    })

    scene('hangup of an unanswered incoming call is a reject as busy', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      await ada.phone.dial(ben.number)
      await ben.rings()
      await scene.act(
        { operation: 'hangup while alerting' },
        async () => {
          const { id } = await ben.call()
          assert.equal((await ben.post('hangup', { callId: id })).status, 204)
        },
        {
          states: { ada: '-', ben: '-' },
          events: { ada: 'deleted:disconnected', ben: 'deleted:disconnected' },
          wire: { ada: ['<- INVITE 486'] },
        },
      )
    })

    scene('hold and resume of a phone that takes no command are done at the anchor', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'hold (anchor)' },
        async () => assert.equal((await ada.post('hold', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator held ben', ben: 'terminator remoteHeld ada' },
          events: { ada: 'updated:held', ben: 'updated:remoteHeld' },
          hears: { ada: '', ben: 'sound' },
        },
      )
      assert.equal((await ada.quietly('POST', '/telephony/calls/hold', { callId: callerId })).status, 409)
      await scene.act(
        { operation: 'resume (anchor)' },
        async () => assert.equal((await ada.post('resume', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: 'updated:resumed', ben: 'updated:remoteResumed' },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    })

    scene('hold and resume of a phone that takes them are done by the phone', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open({ honourTalk: true })
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'hold (phone)' },
        async () => assert.equal((await ada.post('hold', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator held ben', ben: 'terminator remoteHeld ada' },
          events: { ada: 'updated:held', ben: 'updated:remoteHeld' },
          wire: { ada: ['-> NOTIFY hold 200', '<- INVITE sendonly 200'] },
          hears: { ada: '', ben: 'sound' },
        },
      )
      assert.equal(ada.phone.calls[0]?.held, true, "the phone's own display agrees")
      await scene.act(
        { operation: 'resume (phone)' },
        async () => assert.equal((await ada.post('resume', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: 'updated:resumed', ben: 'updated:remoteResumed' },
          wire: { ada: ['-> NOTIFY talk 200', '<- INVITE 200'] },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    })

    scene(
      'both may hold: the own hold wins, and the other shows again after the own resume (§2)',
      async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        await ben.open()
        const { callerId, calleeId } = await scene.connect('ada', 'ben')
        await ada.post('hold', { callId: callerId })
        await scene.act(
          { operation: 'hold of both' },
          async () => assert.equal((await ben.post('hold', { callId: calleeId })).status, 204),
          {
            states: { ada: 'originator held ben', ben: 'terminator held ada' },
            events: { ben: 'updated:held' },
          },
        )
        await scene.act(
          { operation: 'resume while the other holds' },
          async () => assert.equal((await ada.post('resume', { callId: callerId })).status, 204),
          {
            states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
            hears: { ben: '' },
          },
        )
      },
    )

    scene('mute and unmute silence the caller alone, and nobody else is told', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'mute' },
        async () => assert.equal((await ada.post('mute', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator connected ben muted', ben: 'terminator connected ada' },
          events: { ada: 'updated:muted' },
          hears: { ada: 'ben', ben: '' },
        },
      )
      await scene.act(
        { operation: 'mute again' },
        async () => assert.equal((await ada.post('mute', { callId: callerId })).status, 204),
        { states: { ada: 'originator connected ben muted', ben: 'terminator connected ada' }, events: {} },
      )
      await scene.act(
        { operation: 'unmute' },
        async () => assert.equal((await ada.post('unmute', { callId: callerId })).status, 204),
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          events: { ada: 'updated:unmuted' },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    })

    scene('transmitDtmf presses keys towards the other side, with pauses', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      const keys: string[] = []
      const at: number[] = []
      ben.phone.on((event) => {
        if (event.kind !== 'digit') return
        keys.push(event.digit)
        at.push(performance.now())
      })
      await scene.act(
        { operation: 'transmitDtmf 1,2A#' },
        async () => {
          assert.equal((await ada.post('transmitDtmf', { callId: callerId, dtmf: '1,2A#' })).status, 204)
          await scene.until('all keys came', () => (keys.length >= 4 ? true : undefined), 10_000)
        },
        { states: { ada: 'originator connected ben', ben: 'terminator connected ada' }, events: {} },
      )
      assert.equal(keys.join(''), '12A#')
      const [first = 0, second = 0] = at
      assert.ok(second - first >= 900, `a comma waits: ${Math.round(second - first)} ms`)
      assert.equal(
        (await ada.post('transmitDtmf', { dtmf: '5' })).status,
        204,
        'the only call is meant (Ruling 18)',
      )
      await scene.until('the key came', () => (keys.length === 5 ? true : undefined))
      for (const dtmf of ['', 'a', '1x', undefined])
        assert.equal(
          (await ada.quietly('POST', '/telephony/calls/transmitDtmf', { callId: callerId, dtmf })).status,
          400,
        )
    })
  })
}

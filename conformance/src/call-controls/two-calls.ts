/** Scenes in which calls move between people: divert, transfer, park, retrieve, recall, pickup, barge-in, push, pull (contract, call controls §5.3 to §5.5, §5.8). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Theatre } from '../theatre/theatre.ts'

/** Longer than the ten seconds after which this company's parked calls ring back. */
const RECALL_MS_MAX = 14_000

/** Registers the scenes. */
export function twoCalls(theatre: () => Theatre): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, () => theatre().play(act))
  }

  describe('calls that move', { concurrency: true }, () => {
    scene('divert passes a ringing call on, and shows by whom', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await ada.phone.dial(ben.number)
      await ben.rings()
      await scene.act(
        { operation: 'divert (ringing)' },
        async () => {
          const { id } = await ben.call()
          assert.equal((await ben.post('divert', { callId: id, destination: cyd.number })).status, 204)
        },
        {
          states: {
            ada: 'originator connecting cyd',
            ben: '-',
            cyd: 'terminator alerting ada divert:ben',
          },
          events: { ada: 'updated:updated', ben: 'deleted:forwarded', cyd: 'created:received' },
          wire: { ben: ['-> INVITE 487'], cyd: ['-> INVITE'] },
        },
      )
      await scene.act({}, async () => (await cyd.rings()).answer(), {
        states: { ada: 'originator connected cyd', ben: '-', cyd: 'terminator connected ada' },
        hears: { ada: 'cyd', cyd: 'ada' },
      })
    })

    scene('divert passes a connected call on', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const { calleeId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'divert (connected)' },
        async () => {
          assert.equal((await ben.post('divert', { callId: calleeId, destination: cyd.number })).status, 204)
          await (await cyd.rings()).answer()
        },
        {
          states: { ada: 'originator connected cyd', ben: '-', cyd: 'terminator connected ada' },
          events: { ben: 'deleted:forwarded', cyd: 'created:received updated:answered' },
          wire: { ben: ['-> BYE 200'], cyd: ['-> INVITE 200'] },
          hears: { ada: 'cyd', cyd: 'ada' },
        },
      )
    })

    scene(
      'divert to voicemail lets the caller leave a message in the own or another mailbox',
      async (scene) => {
        const [ada, ben, dee] = [scene.person('ada'), scene.person('ben'), scene.person('dee')]
        for (const each of [ada, ben, dee]) await each.open()
        await ada.phone.dial(dee.number)
        await dee.rings()
        await scene.act(
          { operation: 'divert toVoicemail (own)' },
          async () => {
            const { id } = await dee.call()
            assert.equal((await dee.post('divert', { callId: id, toVoicemail: true })).status, 204)
          },
          {
            states: { ada: 'originator connected dee', dee: '-' },
            events: { dee: 'deleted:forwarded' },
            wire: { dee: ['-> INVITE 487'], ada: ['<- INVITE 200'] },
            hears: { ada: 'sound' },
          },
        )
        await ada.phone.calls[0]?.hangup()
        await ada.phone.dial(ben.number)
        await ben.rings()
        await scene.act(
          { operation: "divert toVoicemail (somebody's)" },
          async () => {
            const { id } = await ben.call()
            const answer = await ben.post('divert', {
              callId: id,
              toVoicemail: true,
              destination: dee.number,
            })
            assert.equal(answer.status, 204)
          },
          {
            states: { ada: 'originator connected dee', ben: '-', dee: '-' },
            events: { ben: 'deleted:forwarded' },
            hears: { ada: 'sound' },
          },
        )
      },
    )

    scene('transfer joins two calls by their ids', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const first = await scene.connect('ada', 'ben')
      const second = await scene.connect('ada', 'cyd')
      await scene.hears({ ben: 'sound', cyd: 'ada' })
      await scene.act(
        { operation: 'transfer (two ids)' },
        async () => {
          const body = { callId1: first.callerId, callId2: second.callerId }
          assert.equal((await ada.post('transfer', body)).status, 204)
        },
        {
          states: { ada: '-', ben: 'terminator connected cyd', cyd: 'terminator connected ben' },
          events: { ada: 'deleted:forwarded deleted:forwarded' },
          wire: { ada: ['-> BYE 200'] },
          hears: { ben: 'cyd', cyd: 'ben' },
        },
      )
    })

    scene('transfer without ids joins the only two calls', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      assert.equal(
        (await ada.quietly('POST', '/telephony/calls/transfer', {})).status,
        400,
        'one call is none to join',
      )
      await scene.connect('ada', 'cyd')
      await scene.act(
        { operation: 'transfer (no ids)' },
        async () => assert.equal((await ada.post('transfer', {})).status, 204),
        {
          states: { ada: '-', ben: 'terminator connected cyd', cyd: 'terminator connected ben' },
          events: { ada: 'deleted:forwarded deleted:forwarded' },
          hears: { ben: 'cyd', cyd: 'ben' },
        },
      )
    })

    scene('mute transfer rings the destination first and moves the call when it answers', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const { callerId } = await scene.connect('ada', 'ben')
      const info = await scene.act(
        { operation: 'mute transfer (1): destination rings' },
        async () => {
          const { status, body } = await ada.post('transfer', { callId1: callerId, destination: cyd.number })
          assert.equal(status, 201)
          return body
        },
        {
          states: {
            ada: 'originator connected ben, originator connecting cyd',
            ben: 'terminator connected ada',
            cyd: 'terminator alerting ada',
          },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
      assert.ok(
        (await ada.calls()).some(({ id }) => id === info.callId),
        'the CallInfo is the call to the destination',
      )
      await scene.act(
        { operation: 'mute transfer (2): answered' },
        async () => (await cyd.rings()).answer(),
        {
          states: { ada: '-', ben: 'terminator connected cyd', cyd: 'terminator connected ben' },
          hears: { ben: 'cyd', cyd: 'ben' },
          wire: { ada: ['-> BYE 200'] },
        },
      )
    })

    scene('mute transfer that nobody answers leaves the call where it was', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'mute transfer: declined' },
        async () => {
          assert.equal(
            (await ada.post('transfer', { callId1: callerId, destination: cyd.number })).status,
            201,
          )
          await (await cyd.rings()).decline()
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada', cyd: '-' },
          wire: { cyd: ['-> INVITE 603'] },
          hears: { ada: 'ben', ben: 'ada', cyd: '' },
        },
      )
    })

    scene('park against a destination answers its number, which retrieve takes', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const { callerId } = await scene.connect('ada', 'ben')
      const parked = await scene.act(
        { operation: 'park (destination)' },
        async () => {
          const { status, body } = await ada.post('park', { callId: callerId, destination: cyd.number })
          assert.equal(status, 200)
          return body.parkedAgainst
        },
        {
          states: { ada: '-', ben: 'terminator remoteHeld cyd', cyd: '-' },
          events: { ada: 'deleted:forwarded', ben: 'updated:remoteHeld' },
          wire: { ada: ['-> BYE 200'] },
          hears: { ben: 'sound' },
        },
      )
      assert.equal(parked.number, cyd.number)
      assert.deepEqual([parked.privacyEnabled, parked.callType], [false, 'organization'])
      await scene.act(
        { operation: 'retrieve (destination)' },
        async () => {
          assert.equal((await cyd.post('retrieve', { destination: parked.number })).status, 201)
          await (await cyd.rings()).answer()
        },
        {
          states: { ada: '-', ben: 'terminator connected cyd', cyd: 'originator connected ben' },
          wire: { cyd: ['-> INVITE auto-answer 200'] },
          hears: { ben: 'cyd', cyd: 'ben' },
        },
      )
    })

    scene('park against the own line, and retrieve without a destination', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      for (const each of [ada, ben]) await each.open()
      const { callerId } = await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'park (own)' },
        async () => {
          const { status, body } = await ada.post('park', { callId: callerId })
          assert.deepEqual([status, body.parkedAgainst.number], [200, ada.number])
        },
        { states: { ada: '-', ben: 'terminator remoteHeld ada' }, hears: { ben: 'sound' } },
      )
      await scene.act(
        { operation: 'retrieve (own)' },
        async () => {
          assert.equal((await ada.post('retrieve', {})).status, 201)
          await (await ada.rings()).answer()
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
      assert.equal(
        (await ada.quietly('POST', '/telephony/calls/retrieve', {})).status,
        404,
        'nothing is parked any more',
      )
    })

    scene('park in the group takes a free member', async (scene) => {
      const [ada, dee, eli] = [scene.person('ada'), scene.person('dee'), scene.person('eli')]
      for (const each of [ada, dee, eli]) await each.open()
      const { callerId, calleeId } = await scene.connect('ada', 'dee')
      assert.equal(
        (await dee.quietly('POST', '/telephony/calls/park', { callId: calleeId, isGroupPark: true })).status,
        409,
        'who is in no park group has none to park in',
      )
      const number = await scene.act(
        { operation: 'park (group)' },
        async () => {
          const { status, body } = await ada.post('park', { callId: callerId, isGroupPark: true })
          assert.equal(status, 200)
          return body.parkedAgainst.number
        },
        { states: { ada: '-' }, events: { ada: 'deleted:forwarded' } },
      )
      assert.ok(
        [scene.person('ada'), scene.person('ben'), scene.person('cyd')].some(
          (each) => each.number === number,
        ),
      )
      await scene.act(
        {},
        async () => {
          assert.equal((await eli.post('retrieve', { destination: number })).status, 201)
          await (await eli.rings()).answer()
        },
        {
          states: { dee: 'terminator connected eli', eli: 'originator connected dee' },
          hears: { dee: 'eli', eli: 'dee' },
        },
      )
    })

    scene('a parked call that nobody fetches rings back to who parked it', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const { callerId } = await scene.connect('ada', 'ben')
      assert.equal((await ada.post('park', { callId: callerId, destination: cyd.number })).status, 200)
      await scene.act(
        { operation: 'recall of a parked call' },
        async () => {
          await scene.until(
            'it rings back',
            async () => (ada.phone.calls.length > 0 ? true : undefined),
            RECALL_MS_MAX,
          )
        },
        {
          states: { ada: 'terminator alerting ben recall:cyd', ben: 'terminator remoteHeld cyd' },
          events: { ada: 'created:received' },
          wire: { ada: ['-> INVITE'] },
        },
      )
      await scene.act({}, async () => (await ada.rings()).answer(), {
        states: { ada: 'terminator connected ben recall:cyd', ben: 'terminator connected ada' },
        hears: { ada: 'ben', ben: 'ada' },
      })
    })

    for (const way of ['target', 'group'] as const)
      scene(`pickup by ${way} takes a ringing call`, async (scene) => {
        const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
        for (const each of [ada, ben, cyd]) await each.open()
        await ada.phone.dial(ben.number)
        await ben.rings()
        await scene.act(
          { operation: `pickup (${way})` },
          async () => {
            assert.equal(
              (await cyd.post('pickup', way === 'target' ? { target: ben.number } : {})).status,
              201,
            )
            await (await cyd.rings()).answer()
          },
          {
            states: { ada: 'originator connected cyd', ben: '-', cyd: 'originator connected ada' },
            wire: { ben: ['-> INVITE 487'], cyd: ['-> INVITE auto-answer 200'] },
            hears: { ada: 'cyd', cyd: 'ada' },
          },
        )
      })

    scene('barge-in makes three who hear one another, and who barged in may leave', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'bargeIn' },
        async () => {
          assert.equal((await cyd.post('bargeIn', { target: ben.number })).status, 201)
          await (await cyd.rings()).answer()
        },
        {
          states: {
            ada: 'originator connected ben',
            ben: 'terminator connected ada',
            cyd: 'originator connected ben',
          },
          wire: { cyd: ['-> INVITE auto-answer 200'] },
          hears: { ada: 'ben cyd', ben: 'ada cyd', cyd: 'ada ben' },
        },
      )
      await scene.act(
        { operation: 'hangup of who barged in' },
        async () => {
          const { id } = await cyd.call()
          assert.equal((await cyd.post('hangup', { callId: id })).status, 204)
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada', cyd: '-' },
          hears: { ada: 'ben', ben: 'ada', cyd: '' },
        },
      )
    })

    scene('push hands a call that an assistant answered to the executive', async (scene) => {
      const [ada, dee, eli] = [scene.person('ada'), scene.person('dee'), scene.person('eli')]
      for (const each of [ada, dee, eli]) await each.open()
      await ada.phone.dial(eli.number)
      await (await dee.rings()).answer()
      await scene.until('the assistant has it', async () =>
        (await dee.calls())[0]?.state === 'connected' ? true : undefined,
      )
      await scene.act(
        { operation: 'push' },
        async () => {
          const { id } = await dee.call()
          assert.equal((await dee.post('push', { callId: id })).status, 204)
          await (await eli.rings()).answer()
        },
        {
          states: { ada: 'originator connected eli', dee: '-', eli: 'terminator connected ada' },
          wire: { dee: ['-> BYE 200'], eli: ['-> INVITE 200'] },
          hears: { ada: 'eli', eli: 'ada' },
        },
      )
    })

    scene('pull moves the active call to another own phone', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      const desk = await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      const soft = await ada.open({ autoAnswer: 'header' }, 'soft')
      await scene.act(
        { operation: 'pull' },
        async () => {
          const { body } = await ada.quietly(
            'GET',
            `/telephony/config/people/me/settings/preferredAnswerEndpoint`,
          )
          assert.deepEqual(body, {})
          assert.equal((await ada.post('pull', {})).status, 201)
          await scene.until('the old phone is free', () => (desk.calls.length === 0 ? true : undefined))
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          hears: { ben: 'ada' },
        },
      )
      assert.equal(soft.calls.length, 1)
      assert.equal((await ada.call()).id, callerId, 'it is still the same call')
    })
  })
}

/** Scenes beyond the seeds: conference, members, message waiting, preferred answer endpoint, other lines (contract, call controls §7 to §9). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/sdk'
import { BOSS, forwarderOf, outsideNumberOf, supportOf } from '../theatre/company.ts'
import type { Theatre } from '../theatre/theatre.ts'

const CONFERENCE = '/telephony/conference'

/** Registers the scenes. */
export function beyond(theatre: () => Theatre): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, () => theatre().play(act))
  }

  describe('beyond the seeds', { concurrency: true }, () => {
    scene('a conference joins the host and two, and each may be muted or deafened', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const first = await scene.connect('ada', 'ben')
      const second = await scene.connect('ada', 'cyd')
      const both = 'originator connected ben, originator connected cyd'
      const others = { ben: 'terminator connected ada', cyd: 'terminator connected ada' }
      const everybody = { ada: 'ben cyd', ben: 'ada cyd', cyd: 'ada ben' }
      assert.deepEqual((await ada.quietly('GET', CONFERENCE)).body, {})
      await scene.act(
        { operation: 'conference: start' },
        async () => {
          const body = { callIds: [first.callerId, second.callerId] }
          assert.equal((await ada.request('POST', CONFERENCE, body)).status, 204)
        },
        { states: { ada: both, ...others }, hears: everybody },
      )
      const { body } = await ada.request('GET', CONFERENCE)
      assert.equal(body.state, 'connected')
      assert.deepEqual(
        body.participants.map((each: { callId: string }) => each.callId).toSorted(),
        [first.callerId, second.callerId].toSorted(),
      )
      const command = async (name: string, call?: object): Promise<void> =>
        assert.equal((await ada.request('POST', `${CONFERENCE}/${name}`, call)).status, 204)
      const ofBen = { callId: first.callerId }
      const steps = [
        ['mute', ofBen, { ada: 'cyd', ben: 'ada cyd', cyd: 'ada' }],
        ['unmute', ofBen, everybody],
        ['mute', {}, { ada: 'ben cyd', ben: 'cyd', cyd: 'ben' }],
        ['unmute', {}, everybody],
        ['deafen', ofBen, { ada: 'ben cyd', ben: '', cyd: 'ada ben' }],
        ['undeafen', ofBen, everybody],
      ] as const
      for (const [name, call, hears] of steps)
        await scene.act(
          {
            operation: `conference: ${name} ${'callId' in call ? 'participant' : 'host'}`.replace(
              'deafen host',
              'deafen',
            ),
          },
          () => command(name, call),
          { states: {}, hears },
        )
      await scene.act({ operation: 'conference: hold' }, () => command('hold'), {
        states: { ada: 'originator held ben, originator held cyd' },
        hears: { ada: '', ben: 'cyd', cyd: 'ben' },
      })
      await scene.act({ operation: 'conference: resume' }, () => command('resume'), {
        states: { ada: both },
        hears: everybody,
      })
      await scene.act(
        { operation: 'conference: release' },
        async () => assert.equal((await ada.request('DELETE', CONFERENCE)).status, 204),
        { states: { ada: '-', ben: '-', cyd: '-' } },
      )
    })

    scene(
      'a further participant, and the host hands the rest over by an attended transfer',
      async (scene) => {
        const [ada, ben, cyd, eli] = ['ada', 'ben', 'cyd', 'eli'].map((role) => scene.person(role as 'ada'))
        assert.ok(ada !== undefined && ben !== undefined && cyd !== undefined && eli !== undefined)
        for (const each of [ada, ben, cyd, eli]) await each.open()
        const first = await scene.connect('ada', 'ben')
        const second = await scene.connect('ada', 'cyd')
        assert.equal(
          (await ada.quietly('POST', `${CONFERENCE}/addParticipant`, { callId: first.callerId })).status,
          409,
          'there is no conference yet',
        )
        await ada.quietly('POST', CONFERENCE, { callIds: [first.callerId, second.callerId] })
        const third = await scene.connect('ada', 'eli')
        await scene.act(
          { operation: 'conference: addParticipant' },
          async () =>
            assert.equal(
              (await ada.request('POST', `${CONFERENCE}/addParticipant`, { callId: third.callerId })).status,
              204,
            ),
          {
            states: { ada: 'originator connected ben, originator connected cyd, originator connected eli' },
            hears: { ada: 'ben cyd eli', ben: 'ada cyd eli', cyd: 'ada ben eli', eli: 'ada ben cyd' },
          },
        )
      },
    )

    scene('an administrator commands the calls of a member', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      const boss = theatre().outsider(BOSS, scene)
      await ada.open({ honourTalk: true })
      await ben.open()
      const member = encodeWebexId('PEOPLE', ada.personId)
      const path = `/telephony/calls/members/${member}`
      const info = await scene.act(
        { operation: 'members: dial, answer' },
        async () => {
          const { status, body } = await boss.request('POST', `${path}/dial`, { destination: ben.number })
          assert.equal(status, 201)
          await ada.rings()
          assert.equal((await boss.request('POST', `${path}/answer`, { callId: body.callId })).status, 204)
          await (await ben.rings()).answer()
          return body
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          wire: { ada: ['-> NOTIFY talk 200'] },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
      assert.equal((await boss.quietly('GET', `${path}/calls/${info.callId}`)).body.id, info.callId)
      assert.equal((await boss.quietly('GET', `${path}/calls`)).body.items.length, 1)
      assert.equal((await ben.quietly('GET', `${path}/calls`)).status, 403, 'a user is no administrator')
      await scene.act(
        { operation: 'members: hangup' },
        async () =>
          assert.equal((await boss.request('POST', `${path}/hangup`, { callId: info.callId })).status, 204),
        { states: { ada: '-', ben: '-' } },
      )
      const own = await ada.quietly('GET', '/telephony/calls/members/me/calls')
      assert.deepEqual([own.status, own.body.items], [200, []])
    })

    scene('the lamp of a phone is lit and put out by an outside voicemail system', async (scene) => {
      const ben = scene.person('ben')
      const boss = theatre().outsider(BOSS, scene)
      const phone = await ben.open()
      const id = encodeWebexId('PEOPLE', ben.personId)
      for (const [action, waiting] of [
        ['SET', true],
        ['CLEAR', false],
      ] as const)
        await scene.act(
          { operation: `externalVoicemail mwi ${action}` },
          async () => {
            const since = phone.log.end
            const path = `/telephony/externalVoicemail/mwi?id=${id}`
            assert.equal((await boss.request('POST', path, { action })).status, 204)
            const { event } = await phone.waitFor('messageWaiting', { since, timeoutMs: 5_000 })
            assert.equal(event.waiting, waiting)
          },
          { states: { ben: '-' }, wire: { ben: ['-> NOTIFY message-summary 200'] } },
        )
    })

    scene(
      'the preferred answer endpoint is where a call is answered when the command names none',
      async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        const desk = await ada.open({ honourTalk: true })
        const soft = await ada.open({ honourTalk: true }, 'soft')
        await ben.open()
        const path = `/telephony/config/people/${encodeWebexId('PEOPLE', ada.personId)}/preferredAnswerEndpoint`
        const { body } = await ada.quietly('GET', path)
        const endpoints: { id: string; type: string; name: string }[] = body.endpoints
        assert.deepEqual(endpoints.map(({ name }) => name).toSorted(), ['desk', 'soft'])
        assert.equal(body.preferredAnswerEndpointId, undefined)
        const choose = async (id: string | null): Promise<void> =>
          assert.equal((await ada.request('PUT', path, { preferredAnswerEndpointId: id })).status, 204)
        const idOf = (name: string): string => endpoints.find((each) => each.name === name)?.id ?? ''
        assert.equal(
          (await ada.quietly('PUT', path, { preferredAnswerEndpointId: idOf('desk').slice(0, -4) })).status,
          400,
        )
        for (const [name, phone] of [
          ['soft', soft],
          ['desk', desk],
        ] as const)
          await scene.act(
            { operation: `preferredAnswerEndpoint, answer (${name})` },
            async () => {
              await choose(idOf(name))
              await ben.phone.dial(ada.number)
              await scene.until('both ring', () =>
                desk.calls.length === 1 && soft.calls.length === 1 ? true : undefined,
              )
              const { id } = await ada.call()
              assert.equal((await ada.post('answer', { callId: id })).status, 204)
              assert.equal(phone.calls[0]?.state, 'established')
              assert.equal((await ada.post('hangup', { callId: id })).status, 204)
            },
            { states: { ada: '-', ben: '-' } },
          )
        await choose(null)
      },
    )

    scene('dial with endpointId rings that phone alone', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      const desk = await ada.open()
      const soft = await ada.open({}, 'soft')
      await ben.open()
      const { body } = await ada.quietly(
        'GET',
        `/telephony/config/people/${encodeWebexId('PEOPLE', ada.personId)}/preferredAnswerEndpoint`,
      )
      const id = body.endpoints.find((each: { name: string }) => each.name === 'soft').id
      await scene.act(
        { operation: 'dial (endpointId)' },
        async () => {
          assert.equal((await ada.post('dial', { destination: ben.number, endpointId: id })).status, 201)
          await scene.until('it rings', () => (soft.calls.length === 1 ? true : undefined))
        },
        { states: { ada: 'clickToDial alerting ben' } },
      )
      assert.deepEqual(desk.calls, [])
    })

    scene(
      'a secondary line is commanded with lineOwnerId by whose phone shows it, and by nobody else',
      async (scene) => {
        const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
        for (const each of [ada, ben]) await each.open()
        await cyd.open({ honourTalk: true })
        const line = supportOf(scene.table)
        await ada.phone.dial(line)
        await cyd.rings()
        assert.equal((await ada.call()).remoteParty.number, line)
        const owner = encodeWebexId('VIRTUAL_LINE', theatre().lineIdOf(line))
        const query = `?lineOwnerId=${owner}`
        await scene.act(
          { operation: 'answer (lineOwnerId)' },
          async () => {
            const [call] = await cyd.calls(query)
            assert.equal(call?.state, 'alerting')
            const body = { callId: call?.id, lineOwnerId: owner }
            assert.equal(
              (await cyd.post('answer', { callId: call?.id })).status,
              404,
              'it is not the own call',
            )
            assert.equal((await ben.quietly('POST', '/telephony/calls/answer', body)).status, 403)
            assert.equal((await cyd.post('answer', body)).status, 204)
          },
          {
            states: { ada: 'originator connected support', cyd: '-' },
            wire: { cyd: ['-> NOTIFY talk 200'] },
            hears: { ada: 'cyd', cyd: 'ada' },
          },
        )
      },
    )

    scene(
      'a number of reach may stand in for the own phone, and rings along for calls (§3)',
      async (scene) => {
        const [ben, cyd, gus] = [scene.person('ben'), scene.person('cyd'), scene.person('gus')]
        await ben.open()
        await cyd.open()
        const number = outsideNumberOf({ role: 'ben', table: scene.table })
        const dial = (reach: string): Promise<{ readonly status: number }> =>
          gus.post('dial', { destination: cyd.number, singleNumberReachPhoneNumber: reach })
        assert.equal((await dial('+4930999')).status, 400, 'it must be one of the own')
        await scene.act(
          { operation: 'dial (singleNumberReachPhoneNumber)' },
          async () => {
            assert.equal((await dial(number)).status, 201)
            await (await ben.rings()).answer()
            await (await cyd.rings()).answer()
          },
          {
            states: { gus: 'originator connected cyd', cyd: 'terminator connected gus' },
            hears: { ben: 'cyd', cyd: 'ben' },
          },
        )
        await ben.phone.calls[0]?.hangup()
        await scene.until('it is over', async () => ((await cyd.calls()).length === 0 ? true : undefined))
        await scene.act(
          { operation: 'simultaneous ring' },
          async () => {
            await cyd.phone.dial(gus.number)
            await (await ben.rings()).answer()
          },
          {
            states: { cyd: 'originator connected gus', gus: 'terminator connected cyd' },
            hears: { ben: 'cyd', cyd: 'ben' },
          },
        )
      },
    )

    scene(
      'forwarding shows by whom; to oneself or in a circle it ends, and nobody else notices',
      async (scene) => {
        const [ada, ben, dee, eli] = [
          scene.person('ada'),
          scene.person('ben'),
          scene.person('dee'),
          scene.person('eli'),
        ]
        for (const each of [ada, ben, dee, eli]) await each.open()
        await scene.connect('dee', 'eli')
        await scene.act(
          { operation: 'forwarding always' },
          async () => void (await ada.phone.dial(forwarderOf(scene.table, 'ben'))),
          {
            states: {
              ada: 'originator connecting ben',
              ben: 'terminator alerting ada unconditional:forwarder',
            },
          },
        )
        await ada.phone.calls[0]?.hangup()
        await scene.until('it is over', async () => ((await ben.calls()).length === 0 ? true : undefined))
        for (const where of ['itself', 'circle'] as const)
          await scene.act(
            { operation: `forwarding to ${where === 'itself' ? 'itself' : 'one another'}` },
            async () => {
              const call = await ada.phone.dial(forwarderOf(scene.table, where))
              await call.over(12_000)
            },
            {
              states: { ada: '-', dee: 'originator connected eli', eli: 'terminator connected dee' },
              hears: { dee: 'eli', eli: 'dee' },
            },
          )
      },
    )
  })
}

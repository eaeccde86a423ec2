/**
 * Scenes of what should never be asked and what no phone should do: the contract's error or the RFC's status, the call that
 * it hits ended cleanly, and a talk at the same table untouched, in state and in sound.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Person } from '../theatre/person.ts'
import type { Scene } from '../theatre/scene.ts'
import type { Theatre } from '../theatre/theatre.ts'

const CALLS = '/telephony/calls'
const NO_ID = 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi0xOjA'

/** Every operation that takes one call, with what else its body needs. */
const ON_A_CALL: Readonly<Record<string, object>> = {
  answer: {},
  reject: {},
  hangup: {},
  hold: {},
  resume: {},
  mute: {},
  unmute: {},
  divert: { destination: '1' },
  park: {},
  startRecording: {},
  stopRecording: {},
  pauseRecording: {},
  resumeRecording: {},
  transmitDtmf: { dtmf: '1' },
  push: {},
}

/** Registers the scenes. */
export function badInput(theatre: () => Theatre, withoutSipp: string | false): void {
  const scene = (name: string, act: (scene: Scene) => Promise<void>, skip: string | false = false): void => {
    it(name, { skip }, () => theatre().play(act))
  }

  /** Dee and eli talk beside it all; comes back with what checks that nothing happened to them. */
  async function bystanders(scene: Scene): Promise<() => Promise<void>> {
    for (const role of ['dee', 'eli'] as const) await scene.person(role).open()
    const ids = await scene.connect('dee', 'eli')
    return async () => {
      const [dee, eli] = [await scene.person('dee').call(), await scene.person('eli').call()]
      assert.deepEqual([dee.id, eli.id], [ids.callerId, ids.calleeId])
      assert.deepEqual([dee.state, eli.state], ['connected', 'connected'])
      await scene.hears({ dee: 'eli', eli: 'dee' })
    }
  }

  async function status(person: Person, name: string, body: unknown): Promise<number> {
    return (await person.quietly('POST', `${CALLS}/${name}`, body)).status
  }

  describe('bad input', { concurrency: true }, () => {
    scene(
      'a call that is not the own one is not found, whatever it is: 404 Call not found',
      async (scene) => {
        const untouched = await bystanders(scene)
        const [ada, dee] = [scene.person('ada'), scene.person('dee')]
        const foreign = (await dee.call()).id
        const zoe = theatre().outsider('zoe@elsewhere.test')
        for (const callId of [foreign, NO_ID, 'nobody', `${foreign}x`])
          for (const [name, more] of Object.entries(ON_A_CALL))
            for (const person of [ada, zoe]) {
              const answer = await person.quietly('POST', `${CALLS}/${name}`, { callId, ...more })
              // Who records nothing is told so before it is looked for a call (§5.6: the mode is the line's).
              if (name.endsWith('Recording') && answer.status === 403) continue
              assert.equal(answer.status, 404, `${name} ${callId}`)
              assert.equal(answer.body.message, 'Call not found', name)
            }
        for (const person of [ada, zoe]) {
          const answer = await person.quietly('GET', `${CALLS}/${foreign}`)
          assert.deepEqual([answer.status, answer.body.message], [404, 'Call not found'])
        }
        for (const callId of ['', 7, ['x'], {}])
          for (const [name, more] of Object.entries(ON_A_CALL))
            assert.equal(
              await status(ada, name, { callId, ...more }),
              400,
              `${name} ${JSON.stringify(callId)}`,
            )
        await untouched()
      },
    )

    scene('a state that does not allow it is 409, and changes nothing', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      for (const name of ['answer', 'reject', 'resume'])
        assert.equal(await status(ada, name, { callId: callerId }), 409, `${name} while connected`)
      assert.equal(await status(ada, 'push', { callId: callerId }), 403, 'no executive')
      assert.equal(await status(ada, 'hold', { callId: callerId }), 204)
      for (const [name, more] of [
        ['hold', {}],
        ['transmitDtmf', { dtmf: '1' }],
      ] as const)
        assert.equal(await status(ada, name, { callId: callerId, ...more }), 409, `${name} while held`)
      assert.equal(await status(ada, 'hangup', { callId: callerId }), 204)
      assert.equal(await status(ada, 'hangup', { callId: callerId }), 404, 'it is over')
      await scene.until('it is over', async () => ((await ben.calls()).length === 0 ? true : undefined))

      await ada.phone.dial(ben.number)
      await ben.rings()
      const [ringing, calling] = [await ben.call(), await ada.call()]
      for (const [name, more] of [
        ['hold', {}],
        ['resume', {}],
        ['mute', {}],
        ['park', {}],
        ['transmitDtmf', { dtmf: '1' }],
      ] as const) {
        assert.equal(await status(ben, name, { callId: ringing.id, ...more }), 409, `${name} while it rings`)
        assert.equal(
          await status(ada, name, { callId: calling.id, ...more }),
          409,
          `${name} while it is placed`,
        )
      }
      assert.equal(await status(ada, 'reject', { callId: calling.id }), 409)
      await untouched()
    })

    scene('a destination that is none is 400, and one that nobody has fails as a call', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open({ autoAnswer: 'header' })
      await ben.open()
      for (const destination of ['', ' ', '()', 'sip:', 'a b@c', '@theatre.test', 7, null, 'x'.repeat(300)])
        assert.equal(await status(ada, 'dial', { destination }), 400, JSON.stringify(destination))
      assert.equal(await status(ada, 'dial', {}), 400)
      assert.equal(await status(ada, 'dial', { destination: ben.number, endpointId: 'x' }), 400)
      assert.equal(
        await status(ada, 'dial', { destination: ben.number, singleNumberReachPhoneNumber: '1' }),
        400,
      )
      assert.equal(await status(ada, 'dial', { destination: ben.number, lineOwnerId: 'x' }), 403)
      assert.equal(
        await status(scene.person('cyd'), 'dial', { destination: ben.number }),
        409,
        'no phone to ring',
      )
      for (const destination of [
        '8888',
        'nobody@theatre.test',
        'sip:zoe@elsewhere.test',
        '+4900000000',
        '*99',
      ])
        await scene.act(
          {},
          async () => {
            assert.equal(await status(ada, 'dial', { destination }), 201, destination)
            await scene.until(
              'it is over',
              async () => ((await ada.calls()).length === 0 ? true : undefined),
              12_000,
            )
          },
          { states: { ada: '-', ben: '-' } },
        )
      await untouched()
    })

    scene('divert, park and transfer to nowhere, to oneself and to strangers', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId, calleeId } = await scene.connect('ada', 'ben')
      const connected = { ada: 'originator connected ben', ben: 'terminator connected ada' }
      for (const [name, body, expected] of [
        ['divert', { callId: callerId }, 400],
        ['divert', { callId: callerId, destination: '' }, 400],
        ['divert', { callId: callerId, toVoicemail: 'yes' }, 400],
        ['divert', { callId: callerId, toVoicemail: true }, 403],
        ['divert', { callId: callerId, toVoicemail: true, destination: ben.number }, 403],
        ['transfer', { callId1: callerId }, 400],
        ['transfer', { callId2: callerId }, 400],
        ['transfer', { destination: ben.number }, 400],
        ['transfer', { callId1: callerId, callId2: callerId }, 400],
        ['transfer', { callId1: callerId, callId2: calleeId }, 404],
        ['transfer', { callId1: callerId, destination: '*73' }, 400],
        ['park', { callId: callerId, destination: '' }, 400],
        ['reject', { callId: callerId, action: 'shout' }, 400],
        ['pickup', { target: '' }, 400],
        ['bargeIn', {}, 400],
        ['bargeIn', { target: scene.person('fay').number }, 403],
        ['bargeIn', { target: scene.person('cyd').number }, 409],
        ['pickup', { target: ben.number }, 409],
        ['pull', { endpointId: 'x' }, 400],
        ['retrieve', {}, 404],
        ['retrieve', { destination: '8888' }, 404],
      ] as const)
        assert.equal(await status(ada, name, body), expected, `${name} ${JSON.stringify(Object.keys(body))}`)
      await scene.act({}, async () => {}, { states: connected, hears: { ada: 'ben', ben: 'ada' } })
      await untouched()
    })

    scene('a phone that sends its peer to itself, or nowhere, keeps the call', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      await scene.connect('ada', 'ben')
      const call = ben.phone.calls[0]
      for (const target of [ben.number, 'sip:zoe@elsewhere.test', '8888'])
        await scene.act(
          { operation: `REFER to ${target === ben.number ? 'oneself' : target}` },
          () => assert.rejects(async () => call?.transfer(target)),
          {
            states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
            hears: { ada: 'ben', ben: 'ada' },
          },
        )
      await untouched()
    })

    for (const [scenario, wire] of [
      ['spent-hops', '483'],
      ['impossible-offer', '488'],
      ['broken-offer', undefined],
    ] as const)
      scene(
        `${scenario}: the caller is refused and nobody rings`,
        async (scene) => {
          const untouched = await bystanders(scene)
          const [ada, ben] = [scene.person('ada'), scene.person('ben')]
          await ben.open()
          await scene.act(
            { operation: scenario, peer: 'SIPp' },
            async () => {
              const phone = await ada.sipp(scenario, { target: ben.number, hops: '0' })
              assert.equal(await phone.exited, 0, phone.output)
            },
            {
              states: { ada: '-', ben: '-' },
              ...(wire === undefined ? {} : { wire: { ada: [`<- INVITE ${wire}`] } }),
            },
          )
          assert.deepEqual(ben.phone.calls, [])
          await untouched()
        },
        withoutSipp,
      )

    for (const scenario of ['impossible-answer', 'broken-answer'])
      scene(
        `${scenario}: it is acknowledged and hung up on, and the caller is told`,
        async (scene) => {
          const untouched = await bystanders(scene)
          const [ada, ben] = [scene.person('ada'), scene.person('ben')]
          await ada.open()
          const phone = await ben.sipp(scenario)
          await scene.act(
            { operation: scenario, peer: 'SIPp' },
            async () => {
              const call = await ada.phone.dial(ben.number)
              await call.over(8_000)
            },
            { states: { ada: '-', ben: '-' } },
          )
          assert.equal(await phone.exited, 0, phone.output)
          await untouched()
        },
        withoutSipp,
      )

    scene('a phone that answers nothing at all is given up on', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const silent = await ben.open()
      silent.setSilent(true)
      const call = await ada.phone.dial(ben.number)
      await scene.act({ operation: 'a phone that answers nothing', peer: 'tandem phone' }, async () => {}, {
        states: { ada: 'originator connecting ben', ben: 'terminator alerting ada' },
      })
      await untouched()
      await call.hangup()
      await scene.until('both are free of it', async () =>
        (await ada.calls()).length + (await ben.calls()).length === 0 ? true : undefined,
      )
      silent.setSilent(false)
      await untouched()
    })

    scene('a phone that vanishes in the middle of a call leaves the other able to hang up', async (scene) => {
      const untouched = await bystanders(scene)
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { callerId } = await scene.connect('ada', 'ben')
      ben.phone.setSilent(true)
      await scene.act(
        { operation: 'hangup of a phone that has vanished' },
        async () => assert.equal((await ada.post('hangup', { callId: callerId })).status, 204),
        { states: { ada: '-', ben: '-' }, wire: { ada: ['-> BYE 200'] } },
      )
      ben.phone.setSilent(false)
      await untouched()
    })
  })
}

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Random } from '@tandem/testing'
import { hasProgram } from '../../../tools/peers.ts'
import type { Scene } from '../theatre/scene.ts'
import { Theatre } from '../theatre/theatre.ts'

/** How often each race is run, with the second party a little earlier or later each time. */
const ROUNDS = 8
/** Loopback answers within a few of these: both orders are met. */
const LEAD_MS_MAX = 12
const SEED = Number(process.env['RACE_SEED'] ?? 1)

let theatre: Theatre
const withoutSipp = hasProgram('sipp') ? false : 'sipp is not installed (Debian: sip-tester)'

before(async () => {
  theatre = await Theatre.open()
})

after(async () => {
  assert.equal(await theatre.close(), 0)
})

function scene(name: string, act: (scene: Scene) => Promise<void>, skip: string | false = false): void {
  it(name, { skip }, () => theatre.play(act))
}

/** Does two things at nearly the same time; which is first changes from round to round. */
async function race(random: Random, one: () => unknown, other: () => unknown): Promise<void> {
  const leadMs = random.below(2 * LEAD_MS_MAX + 1) - LEAD_MS_MAX
  const [first, second] = leadMs < 0 ? [other, one] : [one, other]
  const begun = Promise.resolve(first())
  if (leadMs !== 0) await wait(Math.abs(leadMs))
  await Promise.all([begun, second()])
}

/** Waits until everybody named has no call, on the phone and in the API. */
async function rest(scene: Scene, ...roles: Parameters<Scene['person']>[0][]): Promise<void> {
  await scene.until('everything is over', async () => {
    for (const role of roles) {
      const person = scene.person(role)
      if ((await person.calls()).length > 0) return undefined
      if (person.handsets.some(({ phone }) => phone.calls.length > 0)) return undefined
    }
    return true
  })
}

/** What the API lists for each: comparable with what may be. */
async function views(scene: Scene, ...roles: Parameters<Scene['person']>[0][]): Promise<string> {
  const lists = await Promise.all(roles.map((role) => scene.person(role).calls()))
  return lists
    .map((calls, index) => `${roles[index]}: ${calls.map((call) => scene.briefOf(call)).join(', ') || '-'}`)
    .join('; ')
}

/** Waits until the views are one of those that are allowed; returns it. */
function settles(
  scene: Scene,
  roles: readonly Parameters<Scene['person']>[0][],
  allowed: readonly string[],
): Promise<string> {
  return scene.until(`the views are one of\n${allowed.join('\n')}\n`, async () => {
    const found = await views(scene, ...roles)
    return allowed.includes(found) ? found : undefined
  })
}

async function hangUpAll(scene: Scene, ...roles: Parameters<Scene['person']>[0][]): Promise<void> {
  for (const role of roles) {
    const person = scene.person(role)
    for (const { phone } of person.handsets) for (const call of phone.calls) await call.hangup()
  }
  await rest(scene, ...roles)
}

describe('races through sockets', { concurrency: true }, () => {
  scene('CANCEL and 200 cross: connected or over, never half of it', async (scene) => {
    const [ada, ben] = [scene.person('ada'), scene.person('ben')]
    await ada.open()
    await ben.open()
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const call = await ada.phone.dial(ben.number)
      const ringing = await ben.rings()
      await race(
        random,
        () => call.hangup(),
        () => ringing.answer().catch(() => {}), // It may have been cancelled.
      )
      await rest(scene, 'ada', 'ben')
    }
  })

  scene('answer at two phones at once: one has the call, the other is free', async (scene) => {
    const [ada, ben] = [scene.person('ada'), scene.person('ben')]
    const desk = await ada.open()
    const soft = await ada.open({}, 'soft')
    await ben.open()
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      await ben.phone.dial(ada.number)
      const [one, other] = [await ada.rings(desk), await ada.rings(soft)]
      await race(
        random,
        () => one.answer().catch(() => {}),
        () => other.answer().catch(() => {}),
      )
      await scene.until('one has it', () => (desk.calls.length + soft.calls.length === 1 ? true : undefined))
      await settles(scene, ['ada', 'ben'], ['ada: terminator connected ben; ben: originator connected ada'])
      await hangUpAll(scene, 'ada', 'ben')
    }
  })

  scene('answer by the API while the caller gives up', async (scene) => {
    const [ada, ben] = [scene.person('ada'), scene.person('ben')]
    await ada.open()
    await ben.open({ honourTalk: true })
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const call = await ada.phone.dial(ben.number)
      await call.waitFor('ringing', { since: 0 })
      await ben.rings()
      const { id } = await ben.call()
      await race(
        random,
        () => call.hangup(),
        async () => {
          const { status } = await ben.post('answer', { callId: id })
          assert.ok([204, 404, 409].includes(status), `${status}`)
        },
      )
      await rest(scene, 'ada', 'ben')
    }
  })

  scene('pickup by two at once: one talks, the other is free, the callee stops ringing', async (scene) => {
    const [ada, ben, cyd, dee] = [
      scene.person('ada'),
      scene.person('ben'),
      scene.person('cyd'),
      scene.person('dee'),
    ]
    await ada.open()
    await ben.open()
    await cyd.open({ autoAnswer: 'header' })
    await dee.open({ autoAnswer: 'header' })
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS / 2; round++) {
      await ada.phone.dial(ben.number)
      await ben.rings()
      await race(
        random,
        () => cyd.post('pickup', { target: ben.number }),
        () => dee.post('pickup', { target: ben.number }),
      )
      await settles(
        scene,
        ['ada', 'ben', 'cyd', 'dee'],
        [
          'ada: originator connected cyd; ben: -; cyd: originator connected ada; dee: -',
          'ada: originator connected dee; ben: -; cyd: -; dee: originator connected ada',
        ],
      )
      await hangUpAll(scene, 'ada', 'ben', 'cyd', 'dee')
    }
  })

  scene('two retrieve one parked call: one talks, the other is told that nothing is there', async (scene) => {
    const [ada, ben, cyd, dee] = [
      scene.person('ada'),
      scene.person('ben'),
      scene.person('cyd'),
      scene.person('dee'),
    ]
    await ada.open()
    await ben.open()
    await cyd.open({ autoAnswer: 'header' })
    await dee.open({ autoAnswer: 'header' })
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS / 2; round++) {
      const { callerId } = await scene.connect('ada', 'ben')
      assert.equal((await ada.post('park', { callId: callerId })).status, 200)
      await race(
        random,
        () => cyd.post('retrieve', { destination: ada.number }),
        () => dee.post('retrieve', { destination: ada.number }),
      )
      await settles(
        scene,
        ['ada', 'ben', 'cyd', 'dee'],
        [
          'ada: -; ben: terminator connected cyd; cyd: originator connected ben; dee: -',
          'ada: -; ben: terminator connected dee; cyd: -; dee: originator connected ben',
        ],
      )
      await hangUpAll(scene, 'ada', 'ben', 'cyd', 'dee')
    }
  })

  scene('transfer to a party that hangs up', async (scene) => {
    const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
    for (const each of [ada, ben, cyd]) await each.open()
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS / 2; round++) {
      const first = await scene.connect('ada', 'ben')
      const second = await scene.connect('ada', 'cyd')
      let status = 0
      await race(
        random,
        async () => {
          const body = { callId1: first.callerId, callId2: second.callerId }
          status = (await ada.post('transfer', body)).status
        },
        () => cyd.phone.calls[0]?.hangup(),
      )
      assert.ok([204, 404, 409].includes(status), `${status}`)
      await settles(
        scene,
        ['ada', 'ben', 'cyd'],
        ['ada: -; ben: -; cyd: -', 'ada: originator held ben; ben: terminator remoteHeld ada; cyd: -'],
      )
      await hangUpAll(scene, 'ada', 'ben', 'cyd')
    }
  })

  scene(
    'park of a call that is being transferred, and transfer of a call that is being parked',
    async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      const random = new Random(SEED)
      for (let round = 0; round < ROUNDS / 2; round++) {
        const { callerId } = await scene.connect('ada', 'ben')
        const statuses: number[] = []
        const note = async (answer: Promise<{ readonly status: number }>): Promise<void> => {
          statuses.push((await answer).status)
        }
        await race(
          random,
          () => note(ada.post('park', { callId: callerId })),
          () => note(ada.post('transfer', { callId1: callerId, destination: cyd.number })),
        )
        for (const status of statuses) assert.ok([200, 201, 404, 409].includes(status), `${statuses}`)
        await settles(
          scene,
          ['ada', 'ben', 'cyd'],
          [
            'ada: -; ben: terminator remoteHeld ada; cyd: -',
            'ada: originator connected ben, originator connecting cyd; ben: terminator connected ada; cyd: terminator alerting ada',
          ],
        )
        await hangUpAll(scene, 'ada', 'ben', 'cyd')
      }
    },
  )

  scene('hangup during barge-in: two go on, or everything is over', async (scene) => {
    const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
    await ada.open()
    await ben.open()
    await cyd.open({ autoAnswer: 'header' })
    const random = new Random(SEED)
    for (let round = 0; round < ROUNDS / 2; round++) {
      await scene.connect('ada', 'ben')
      await race(
        random,
        async () => {
          const { status } = await cyd.post('bargeIn', { target: ben.number })
          assert.ok([201, 409].includes(status), `${status}`)
        },
        () => ada.phone.calls[0]?.hangup(),
      )
      await settles(
        scene,
        ['ada', 'ben', 'cyd'],
        ['ada: -; ben: -; cyd: -', 'ada: -; ben: terminator connected cyd; cyd: originator connected ben'],
      )
      await hangUpAll(scene, 'ada', 'ben', 'cyd')
    }
  })

  scene('hold by the phone and by the API at once, and resume', async (scene) => {
    const [ada, ben] = [scene.person('ada'), scene.person('ben')]
    await ada.open({ honourTalk: true })
    await ben.open()
    const { callerId } = await scene.connect('ada', 'ben')
    const random = new Random(SEED)
    const call = ada.phone.calls[0]
    for (let round = 0; round < ROUNDS / 2; round++) {
      await race(
        random,
        async () => {
          const { status } = await ada.post('hold', { callId: callerId })
          assert.ok([204, 409].includes(status), `${status}`)
        },
        () => call?.hold(),
      )
      await settles(scene, ['ada', 'ben'], ['ada: originator held ben; ben: terminator remoteHeld ada'])
      await race(
        random,
        async () => {
          const { status } = await ada.post('resume', { callId: callerId })
          assert.ok([204, 409].includes(status), `${status}`)
        },
        () => call?.resume(),
      )
      await settles(scene, ['ada', 'ben'], ['ada: originator connected ben; ben: terminator connected ada'])
    }
  })

  for (const [scenario, name] of [
    ['glare', 'glare: an offer into an open one meets 491 (RFC 3311 §5.2), and the call goes on'],
    ['bye-in-reinvite', 'BYE in the middle of a re-INVITE ends the call for both'],
    ['answers-twice', 'two answers to one INVITE: both acknowledged, one hung up (RFC 3261 §13.2.2.4)'],
  ] as const)
    scene(
      name,
      async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        const phone = await ben.sipp(scenario)
        const call = await ada.phone.dial(ben.number)
        await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
        await wait(1_500)
        if (scenario !== 'bye-in-reinvite') {
          await settles(
            scene,
            ['ada', 'ben'],
            ['ada: originator connected ben; ben: terminator connected ada'],
          )
          await call.hangup()
        }
        await rest(scene, 'ada', 'ben')
        assert.equal(await phone.exited, 0, phone.output)
      },
      withoutSipp,
    )
})

describe('media that cannot be allocated', () => {
  it('leaves no call behind when the ports are exhausted, and calls work again afterwards', async () => {
    // Eight ports are four places for legs that have not been heard of yet: four calls have eight such legs.
    const small = await Theatre.open({ tables: 1, rtpPorts: 8 })
    try {
      await small.play(async (scene) => {
        const roles = ['ada', 'ben', 'cyd', 'fay'] as const
        const people = roles.map((role) => scene.person(role))
        for (const each of people) await each.open({ source: { kind: 'silence' } })
        for (let round = 0; round < 2; round++) {
          const calls = await Promise.all(
            people.map((each, index) => each.phone.dial(people[(index + 1) % people.length]?.number ?? '')),
          )
          const statuses = await Promise.all(
            calls.map(async (call) => (await call.waitFor(['ringing', 'failed'], { since: 0 })).event.status),
          )
          await wait(1_000) // Who rings may be refused yet.
          assert.ok(
            statuses.some((status) => status === 503 || status === 480),
            `${statuses}`,
          )
          assert.ok(
            statuses.every((status) => [180, 183, 480, 503].includes(status ?? 0)),
            `${statuses}`,
          )
          await hangUpAll(scene, ...roles)
        }
        await scene.connect('ada', 'ben')
        await scene.hears({ ada: '', ben: '' })
        await hangUpAll(scene, 'ada', 'ben')
      })
    } finally {
      assert.equal(await small.close(), 0)
    }
  })
})

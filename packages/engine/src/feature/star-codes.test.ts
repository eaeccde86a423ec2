import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { DirectorySnapshot } from '../directory.ts'
import { type Phone, World } from '../world.test.ts'
import { STAR_CODES } from './star-codes.ts'

const ON_DEMAND = { mode: 'On Demand with User Initiated Start' } as const

/** 101 talks to 102 and has put the call on hold, as a phone does before it dials again. */
function holding(options: ConstructorParameters<typeof World>[0] = {}): { world: World; phones: Phone[] } {
  const world = new World(options)
  const phones = world.registered('u101', 'u102', 'u103')
  phones[0]?.invite('102')
  world.run(500)
  phones[1]?.answer()
  world.run(500)
  phones[0]?.reinvite('sendonly')
  world.run(500)
  world.trace()
  return { world, phones }
}

/** What was played since the world began, in words. */
function words(world: World): string[] {
  return world.commands.flatMap((command) => {
    if (command.kind !== 'play' || command.token?.startsWith('machine-') !== true) return []
    const sounds = command.sound.kind === 'sequence' ? command.sound.sounds : [command.sound]
    return [
      sounds
        .map((sound) =>
          sound.kind === 'digits' ? sound.digits : sound.kind === 'prompt' ? sound.name : sound.kind,
        )
        .join(' '),
    ]
  })
}

function withGroup(directory: DirectorySnapshot): DirectorySnapshot {
  const lineIds = ['acme-101', 'acme-102', 'acme-103']
  return { ...directory, groups: [{ id: 'g', orgId: 'acme', kind: 'pickup', name: 'all', lineIds }] }
}

describe('codes that are dialled', () => {
  it('are a star and two digits each, with a meaning', () => {
    for (const [code, { meaning }] of Object.entries(STAR_CODES)) {
      assert.match(code, /^\*[0-9]{2}$/)
      assert.ok(meaning.length > 10)
    }
  })

  it('that nobody knows lead nowhere, as do those with too little or too much after them', () => {
    for (const code of ['*99', '*86102', '*97', '*9', '%2344', '**44']) {
      const world = new World()
      const [phone] = world.registered('u101')
      phone?.invite(code)
      world.run(60_000)
      assert.ok(world.trace().includes('acme/u101 404'), code)
      world.assertAtRest()
    }
  })

  it('park the other call (*68), say where, and fetch it back (*88)', () => {
    const { world, phones } = holding()
    phones[0]?.invite('*68')
    world.run(500)
    assert.deepEqual(words(world), ['parkedAt 101'])
    world.run(3_000)
    assert.deepEqual(world.brief('acme-101'), [])
    assert.deepEqual(world.brief('acme-102'), ['terminator remoteHeld 101'])
    phones[2]?.invite('*88101')
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 103'])
    phones[2]?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('mean the newest of several calls', () => {
    const { world, phones } = holding()
    const [own, , third] = phones
    own?.invite('103')
    world.run(500)
    third?.answer()
    world.run(500)
    own?.reinvite('sendonly')
    world.run(500)
    own?.invite('*68')
    world.run(4_000)
    assert.deepEqual(world.brief('acme-101'), ['originator held 102'])
    assert.deepEqual(world.brief('acme-103'), ['terminator remoteHeld 101'])
    phones[1]?.hangUp()
    third?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('say that it is not possible when there is nothing to park or to fetch', () => {
    for (const code of ['*68', '*88', '*26', '*11', '*33102', '*97102', '*98', '*44', '*55']) {
      const world = new World()
      const [phone] = world.registered('u101')
      phone?.invite(code)
      world.run(60_000)
      assert.deepEqual(words(world), ['notPossible'], code)
      assert.ok(world.trace().includes('acme/u101 ended bye'), code)
      world.assertAtRest()
    }
  })

  it('pick up what rings in the group (*98), or at a colleague (*97)', () => {
    for (const code of ['*98', '*97102']) {
      const world = new World({ change: withGroup })
      const [caller, , third] = world.registered('u101', 'u102', 'u103')
      caller?.invite('102')
      world.run(500)
      third?.invite(code)
      world.run(500)
      assert.deepEqual(world.brief('acme-103'), ['originator connected 101'], code)
      assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
      assert.deepEqual(world.brief('acme-102'), [])
      caller?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('join the talk of a colleague (*33)', () => {
    const world = new World()
    const [caller, callee, third] = world.registered('u101', 'u102', 'u103')
    caller?.invite('102')
    world.run(500)
    callee?.answer()
    world.run(500)
    third?.invite('*33102')
    world.run(500)
    assert.equal(world.list('acme-103')[0]?.state, 'connected')
    assert.equal(world.commands.filter((command) => command.kind === 'mix').length, 3)
    caller?.hangUp()
    callee?.hangUp()
    third?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('take over the own call from another phone (*11)', () => {
    const world = new World()
    const [desk, callee, mobile] = world.registered('u101', 'u102', 'u101b')
    desk?.invite('102')
    world.run(500)
    callee?.answer()
    world.run(500)
    const [before] = world.list('acme-101')
    mobile?.invite('*11')
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.equal(world.list('acme-101')[0]?.callId, before?.callId)
    assert.ok(world.trace().includes('acme/u101 ended bye'))
    mobile?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it("send the other call to the own voicemail, or a colleague's (*55)", () => {
    const voicemail = { voicemail: { busy: true, noAnswer: true } }
    for (const [code, number] of [
      ['*55', '101'],
      ['*55103', '103'],
    ] as const) {
      const { world, phones } = holding({ lines: { 'acme-101': voicemail, 'acme-103': voicemail } })
      phones[0]?.invite(code)
      world.run(500)
      assert.deepEqual(words(world).toSorted(), ['done', 'voicemailGreeting'])
      assert.deepEqual(world.brief('acme-102'), [`terminator connected ${number}`])
      phones[1]?.hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('record the other call (*44), pause (*48), go on (*49) and stop (*45)', () => {
    const { world, phones } = holding({ lines: { 'acme-101': { recording: ON_DEMAND } } })
    const states = []
    for (const code of ['*44', '*48', '*49', '*45']) {
      phones[0]?.invite(code)
      world.run(4_000)
      states.push(world.list('acme-101')[0]?.recordingState)
    }
    assert.deepEqual(words(world), ['done', 'done', 'done', 'done'])
    assert.deepEqual(states, ['started', 'paused', 'started', 'stopped'])
    phones[1]?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('go by the API as well: the own phone rings, then the code is carried out', () => {
    const { world, phones } = holding()
    world.dial('acme-101', '*68')
    world.run(500)
    const [own] = phones
    own?.answer(own.calls.at(-1))
    world.run(500)
    assert.deepEqual(words(world), ['parkedAt 101'])
    phones[1]?.hangUp(phones[1].calls[0])
    world.run(60_000)
    world.assertAtRest()
  })

  it('are for who dials them: no call is forwarded or diverted to one', () => {
    const world = new World({
      lines: {
        'acme-102': { forwarding: { always: '*86' } },
        'acme-101': { voicemail: { busy: true, noAnswer: true } },
      },
    })
    const [caller] = world.registered('u101')
    caller?.invite('102')
    world.run(60_000)
    assert.ok(world.trace().includes('acme/u101 404'))
    world.assertAtRest()
  })
})

describe('codes that are typed in a talk', () => {
  /** 101 talks to 102; the state of its recording after it typed `keys`, each so many milliseconds after the one before. */
  function typing(
    keys: string,
    gapMs: number,
    mode: 'On Demand with User Initiated Start' | 'Never',
  ): unknown {
    const world = new World({ lines: { 'acme-101': { recording: { mode } } } })
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102')
    world.run(500)
    callee?.answer()
    world.run(500)
    for (const digit of keys) {
      world.say({ kind: 'digit', leg: [...world.live][0] ?? '', digit })
      world.run(gapMs)
    }
    world.run(500)
    const state = world.list('acme-101')[0]?.recordingState
    caller?.hangUp()
    world.run(60_000)
    world.assertAtRest()
    return state
  }

  it('are those of recording, typed in time, where the mode of the line allows it', () => {
    assert.equal(typing('*44', 1_000, ON_DEMAND.mode), 'started')
    assert.equal(typing('1**44', 100, ON_DEMAND.mode), 'started')
    assert.equal(typing('*44*45', 500, ON_DEMAND.mode), 'stopped')
    assert.equal(typing('*44', 2_999, ON_DEMAND.mode), 'started')
    assert.equal(typing('*44', 3_000, ON_DEMAND.mode), undefined)
    assert.equal(typing('*44', 100, 'Never'), undefined)
    assert.equal(typing('44', 100, ON_DEMAND.mode), undefined)
    assert.equal(typing('*144', 100, ON_DEMAND.mode), undefined)
  })
})

describe('the guide for phones', () => {
  it('names every code with its meaning, and no other', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/phones.md'), 'utf8')
    const rows = [...guide.matchAll(/^\| `(\*\d\d)`[^|]*\| (.*) \|$/gm)].map(([, code, meaning]) => [
      code,
      meaning,
    ])
    assert.deepEqual(
      rows,
      Object.entries(STAR_CODES).map(([code, { meaning }]) => [code, meaning]),
    )
  })
})

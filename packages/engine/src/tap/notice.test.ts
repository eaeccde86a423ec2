import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordingSettings } from '../directory.ts'
import { actorOf } from '../world.test.ts'
import { NOTICE_MS_MAX } from './notice.ts'
import { call, endAll, journaled, sent, talkingWith, worldOf } from './taped.test.ts'

const ANNOUNCED: RecordingSettings = { mode: 'Always', announceInternal: true }

describe('the announcement of a recording (promise P18)', () => {
  it('is heard by both, and kept, before anything that is said is heard or kept', () => {
    const { world, phones } = worldOf({ 'acme-102': ANNOUNCED })
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    world.media.playMs = 1_750
    world.shows = { media: true, events: false }
    call(world, caller, callee)
    const before = world.trace().filter((line) => /openRecording|play|attach|bridge/.test(line))
    assert.deepEqual(before, [
      'media openRecording',
      'media play #1 recordingStarted',
      'media play #2 recordingStarted',
    ])
    const [opened] = sent(world, 'openRecording')
    assert.deepEqual(
      sent(world, 'play')
        .filter(({ sound }) => sound.kind === 'prompt')
        .map(({ recordings }) => recordings),
      [[opened?.recording], undefined],
    )
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    world.run(2_000)
    assert.deepEqual(
      world.trace().filter((line) => /play|attach|bridge/.test(line)),
      ['media attach left #2', 'media attach right #1', 'media bridge #1 #2'],
    )
    const [recording] = journaled(world, 'acme-102')
    const note = recording?.notes.find(({ kind }) => kind === 'announcement')
    assert.deepEqual(note, {
      kind: 'announcement',
      at: note?.at,
      file: 'prompt:recordingStarted',
      heardBy: ['sip:101@acme.test', 'sip:102@acme.test'],
      level: 'USER_LEVEL',
    })
    endAll(world)
  })

  it('is not made where the settings are silent, or speak of outside calls alone', () => {
    for (const settings of [{ mode: 'Always' }, { mode: 'Always', announceExternal: true }] as const) {
      const { world } = talkingWith({ 'acme-102': settings })
      assert.ok(sent(world, 'play').every(({ sound }) => sound.kind === 'tone'))
      assert.equal(sent(world, 'bridge').length, 1)
      endAll(world)
    }
  })

  it('is made in a call to a public service where outside calls are announced', () => {
    const settings: RecordingSettings = { mode: 'Always', announceExternal: true }
    const { world, phones } = worldOf(
      { 'acme-101': settings },
      {
        change: (directory) => ({
          ...directory,
          locations: directory.locations.map((each) => ({
            ...each,
            services: [{ number: '112', kind: 'emergency', destination: '102' }],
          })),
        }),
      },
    )
    const [caller, callee] = phones
    caller?.invite('112')
    world.run(300)
    callee?.answer()
    world.run(300)
    assert.equal(sent(world, 'play').filter(({ sound }) => sound.kind === 'prompt').length, 2)
    endAll(world)
  })

  it('is one for two recordings of the same words, and both in turn for two of different ones', () => {
    const own: RecordingSettings = { ...ANNOUNCED, announcements: { start: 'ours' } }
    for (const [second, expected] of [
      [ANNOUNCED, { kind: 'prompt', name: 'recordingStarted' }],
      [
        own,
        {
          kind: 'sequence',
          sounds: [
            { kind: 'prompt', name: 'recordingStarted' },
            { kind: 'clip', name: 'ours' },
          ],
        },
      ],
    ] as const) {
      const { world } = talkingWith({ 'acme-101': ANNOUNCED, 'acme-102': second })
      const notices = sent(world, 'play').filter(({ sound }) => sound.kind !== 'tone')
      assert.deepEqual(
        notices.map(({ sound }) => sound),
        [expected, expected],
      )
      assert.equal(notices[0]?.recordings?.length, 2)
      world.run(5_000)
      assert.equal(sent(world, 'bridge').length, 1)
      endAll(world)
    }
  })

  it('gives way to the talk when its end is never told', () => {
    const { world, phones } = worldOf({ 'acme-102': ANNOUNCED })
    const [caller, callee] = phones
    assert.ok(caller !== undefined && callee !== undefined)
    world.media.playMs = 10 * NOTICE_MS_MAX
    call(world, caller, callee)
    world.run(NOTICE_MS_MAX - 400)
    assert.equal(sent(world, 'bridge').length, 0)
    world.run(400)
    assert.equal(sent(world, 'bridge').length, 1)
    endAll(world)
  })

  it('is not waited for by those who hang up or hold meanwhile', () => {
    for (const leave of ['hangUp', 'hold'] as const) {
      const { world, phones } = worldOf({ 'acme-102': ANNOUNCED })
      const [caller, callee] = phones
      assert.ok(caller !== undefined && callee !== undefined)
      world.media.playMs = 2_000
      call(world, caller, callee)
      if (leave === 'hangUp') caller.hangUp()
      else callee.reinvite('sendonly')
      world.run(3_000)
      if (leave === 'hold') {
        callee.reinvite('sendrecv')
        world.run(3_000)
        assert.equal(sent(world, 'bridge').length, 1)
      }
      endAll(world)
    }
  })

  it('is made again for a new party after a transfer, who is neither heard nor kept before its end', () => {
    const { world, others } = talkingWith({ 'acme-101': ANNOUNCED })
    const [third] = others
    world.run(3_000)
    const callId = world.list('acme-102')[0]?.callId ?? ''
    world.trace()
    world.command({ kind: 'divert', actor: actorOf('acme-102'), callId, destination: '103' })
    world.run(300)
    world.media.playMs = 1_750
    third?.answer()
    world.run(300)
    const lines = world.trace()
    assert.ok(lines.includes('media play #3 recordingStarted'), lines.join('\n'))
    assert.ok(!lines.includes('media play #1 recordingStarted'))
    assert.ok(!lines.includes('media attach right #3'))
    world.run(2_000)
    assert.ok(world.trace().includes('media attach right #3'))
    const [recording] = journaled(world, 'acme-101')
    assert.deepEqual(
      recording?.notes.flatMap((note) => (note.kind === 'announcement' ? [note.heardBy] : [])),
      [['sip:101@acme.test', 'sip:102@acme.test'], ['sip:103@acme.test']],
    )
    endAll(world)
  })

  it('is heard by each new ear of a conference alone, while the others talk on', () => {
    const { world, caller, others } = talkingWith({ 'acme-101': ANNOUNCED })
    const [third] = others
    world.run(3_000)
    caller.reinvite('sendonly')
    world.run(300)
    assert.ok(third !== undefined)
    call(world, caller, third)
    world.run(5_000)
    const callIds = world.list('acme-101').map(({ callId }) => callId)
    world.trace()
    const result = world.command({ kind: 'startConference', actor: actorOf('acme-101'), callIds })
    assert.deepEqual(result, { kind: 'done' })
    world.run(5_000)
    const mixed = world.trace().filter((line) => line.includes('media mix'))
    assert.equal(new Set(mixed.map((line) => line.split(' ')[2])).size, 4, mixed.join('\n'))
    endAll(world)
  })

  it('comes before the talk goes on when a recording is started in mid-call', () => {
    const settings: RecordingSettings = {
      mode: 'On Demand with User Initiated Start',
      announceInternal: true,
    }
    const { world } = talkingWith({ 'acme-102': settings })
    world.media.playMs = 1_750
    world.command({ kind: 'startRecording', actor: actorOf('acme-102') })
    world.run(300)
    assert.deepEqual(
      world.trace().filter((line) => /play|attach|bridge/.test(line)),
      ['media unbridge #1', 'media play #1 recordingStarted', 'media play #2 recordingStarted'],
    )
    world.run(2_000)
    assert.deepEqual(
      world.trace().filter((line) => /play|attach|bridge/.test(line)),
      ['media attach left #2', 'media attach right #1', 'media bridge #1 #2'],
    )
    endAll(world)
  })
})

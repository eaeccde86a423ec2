import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Mailbox, VoicemailSettings } from '../directory.ts'
import { crypto, type Phone, World } from '../world.test.ts'

const ON: VoicemailSettings = { busy: true, noAnswer: true }

/** Messages of 101: two new ones, and an old one before them. */
const MAILBOX: Mailbox = {
  orgId: 'acme',
  lineId: 'acme-101',
  messages: [
    { id: 'old', clip: 'c-old', at: 1, heard: true },
    { id: 'one', clip: 'c-one', at: 2, heard: false },
    { id: 'two', clip: 'c-two', at: 3, heard: false },
  ],
}

/** 101 dials *86; what is played and told goes to the world's trace. */
function visiting(options: { voicemail?: VoicemailSettings; mailbox?: Mailbox } = {}): {
  world: World
  phone: Phone
} {
  const world = new World({
    lines: { 'acme-101': { voicemail: options.voicemail ?? ON } },
    mailboxes: [options.mailbox ?? MAILBOX],
  })
  const [phone] = world.registered('u101')
  assert.ok(phone !== undefined)
  world.run(60_000)
  world.shows = { media: true, events: true }
  phone.invite('*86')
  world.run(500)
  return { world, phone }
}

function press(world: World, keys: string): void {
  for (const key of keys) world.say({ kind: 'digit', leg: [...world.live][0] ?? '', digit: key })
}

/** What was heard and told since: sounds and mailbox events. */
function heard(world: World): string[] {
  return world
    .trace()
    .filter((line) => line.startsWith('media play') || line.includes('mailbox'))
    .map((line) => line.replace(/^media play #\d /, ''))
}

describe('listening to the mailbox by *86', () => {
  it('is answered, and shown as a feature code', () => {
    const { world, phone } = visiting()
    const [call] = world.list('acme-101')
    assert.equal(call?.state, 'connected')
    assert.deepEqual(call?.remoteParty, { number: '*86', privacyEnabled: false, callType: 'other' })
    phone.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('says the counts, plays new messages before old ones, and the keys after each', () => {
    const { world } = visiting()
    world.run(2_600)
    assert.deepEqual(heard(world), [
      '2+voicemailNewMessages+1+voicemailOldMessages',
      'c-one',
      'acme-101 mailbox heard one',
      'voicemailMenu',
    ])
    press(world, '1')
    world.run(100)
    press(world, '#')
    press(world, '3')
    assert.deepEqual(heard(world), [
      'c-one',
      'c-two',
      'acme-101 mailbox deleted two',
      'voicemailDeleted+c-old',
    ])
    press(world, '#')
    world.run(60_000)
    assert.deepEqual(heard(world), ['voicemailEnd+goodbye'])
    world.assertAtRest()
  })

  it('says so when there are none, and ends', () => {
    const { world } = visiting({ mailbox: { ...MAILBOX, messages: [] } })
    world.run(60_000)
    assert.deepEqual(heard(world), ['voicemailNoMessages+goodbye'])
    assert.ok(world.trace().length === 0)
    world.assertAtRest()
  })

  it('ends when no key comes for ten seconds', () => {
    const { world } = visiting()
    world.run(2_600 + 500 + 10_000)
    assert.equal(heard(world).at(-1), 'goodbye')
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves nothing behind when the visitor hangs up in the middle, or no sound ever ends', () => {
    const { world, phone } = visiting()
    world.run(1_500)
    phone.hangUp()
    world.run(60_000)
    world.assertAtRest()
    const silent = new World({ lines: { 'acme-101': { voicemail: ON } }, mailboxes: [MAILBOX] })
    const [other] = silent.registered('u101')
    silent.media.playMs = undefined
    other?.invite('*86')
    silent.run(700_000)
    silent.assertAtRest()
  })

  it('is not there for a line without a mailbox', () => {
    const world = new World()
    const [phone] = world.registered('u101')
    world.shows = { media: true, events: false }
    phone?.invite('*86')
    world.run(60_000)
    assert.ok(world.trace().includes('media play #1 notPossible'))
    world.assertAtRest()
  })
})

describe('the PIN of a mailbox', () => {
  const pin = { salt: 'salt', hash: crypto(0).hash('sha256', 'salt:4711') }
  const voicemail = { ...ON, pin }

  it('is asked for, and opens with the right one', () => {
    const { world, phone } = visiting({ voicemail })
    press(world, '4711#')
    assert.deepEqual(heard(world), ['voicemailEnterPin', '2+voicemailNewMessages+1+voicemailOldMessages'])
    phone.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('may be wrong twice, and ends the call at the third time', () => {
    const { world } = visiting({ voicemail })
    press(world, '1111#')
    press(world, '#')
    assert.deepEqual(heard(world), [
      'voicemailEnterPin',
      'voicemailWrongPin+voicemailEnterPin',
      'voicemailWrongPin+voicemailEnterPin',
    ])
    press(world, '47110#')
    world.run(60_000)
    assert.deepEqual(heard(world), ['voicemailWrongPin+goodbye'])
    world.assertAtRest()
  })

  it('is not heard at all after ten wrong ones within ten minutes, right or wrong', () => {
    const { world, phone } = visiting({ voicemail })
    for (let call = 0; call < 4; call++) {
      press(world, '1#1#1#')
      world.run(30_000)
      world.trace()
      phone.invite('*86')
      world.run(500)
    }
    assert.deepEqual(heard(world), ['notPossible'])
    world.run(60_000)
    world.assertAtRest()
  })
})

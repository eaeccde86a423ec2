import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeUtf8 } from '@tandem/sip'
import { type Phone, World } from '../world.test.ts'
import { COMMA_MS, DTMF_BODY_BYTES_MAX, INFO_DIGIT_MS, INFO_DIGITS_MAX } from './digits.ts'

/** 101 and 102 talk; 102 takes what `callee` says. */
function talking(callee: { dtmf?: boolean; info?: boolean } = {}): {
  world: World
  caller: Phone
  callee: Phone
} {
  const world = new World()
  if (callee.info === true) world.abilities.set('acme/u102', { methods: ['INFO'] })
  const [one, two] = world.registered('u101', 'u102')
  assert.ok(one !== undefined && two !== undefined)
  two.dtmf = callee.dtmf ?? true
  one.invite('102')
  world.run(500)
  two.ring()
  two.answer()
  world.run(500)
  world.shows = { media: true, events: false }
  world.trace()
  return { world, caller: one, callee: two }
}

function info(phone: Phone, world: World, type: string, body: string): void {
  phone.act(
    phone.endpoint.requestInCall(world.now, phone.call, {
      method: 'INFO',
      headers: [
        ['Content-Type', type],
        ['X-Internal', 'secret'],
      ],
      body: encodeUtf8(body),
    }).outputs,
  )
}

function end(world: World, phone: Phone): void {
  phone.hangUp()
  world.run(60_000)
  world.assertAtRest()
}

describe('a digit that a phone sends by INFO', () => {
  it('becomes an event for a phone that agreed on RFC 4733', () => {
    const { world, caller } = talking()
    info(caller, world, 'application/dtmf-relay', 'Signal=5\r\nDuration=160')
    world.run(1_000)
    assert.deepEqual(world.trace(), ['media sendDigits #2 5', 'acme/u101 in call 200'])
    end(world, caller)
  })

  it('becomes an event also for a phone that would take INFO beside them', () => {
    const { world, caller } = talking({ info: true })
    info(caller, world, 'application/dtmf-relay', 'Signal=d')
    world.run(1_000)
    assert.deepEqual(world.trace(), ['media sendDigits #2 D', 'acme/u101 in call 200'])
    end(world, caller)
  })

  it('goes by INFO to a phone that agreed on no events and takes INFO, with nothing but the digit', () => {
    const { world, caller } = talking({ dtmf: false, info: true })
    info(caller, world, 'application/dtmf', '#')
    world.run(1_000)
    assert.deepEqual(world.trace().toSorted(), [
      'acme/u101 in call 200',
      'acme/u102 INFO Signal=#\r\nDuration=160',
    ])
    const relayed = world.phones.get('acme/u102')?.requests.at(-1)
    assert.ok(relayed?.kind === 'request' && relayed.method === 'INFO')
    assert.doesNotMatch([...relayed.headers].join('\n'), /internal|secret/i)
    end(world, caller)
  })

  it('is sent as a tone to a phone that takes neither', () => {
    const { world, caller } = talking({ dtmf: false })
    info(caller, world, 'application/dtmf-relay', 'Signal=11')
    world.run(1_000)
    assert.deepEqual(world.trace(), ['media sendDigits #2 #', 'acme/u101 in call 200'])
    end(world, caller)
  })

  it('reaches nobody while the other side holds', () => {
    const { world, caller, callee } = talking()
    callee.reinvite('sendonly')
    world.run(500)
    world.trace()
    info(callee, world, 'application/dtmf-relay', 'Signal=5')
    world.run(500)
    assert.deepEqual(world.trace(), ['acme/u102 in call 200'])
    end(world, caller)
  })

  it('is refused when it is no digit (400), of another type (415) or larger than any (413)', () => {
    const { world, caller } = talking()
    const padded = `Signal=5\r\nDuration=${'1'.repeat(DTMF_BODY_BYTES_MAX - 19)}`
    for (const [type, body] of [
      ['application/dtmf-relay', padded],
      ['application/dtmf-relay', `${padded}1`],
      ['application/dtmf-relay', 'Signal=hf'],
      ['application/dtmf', '12'],
      ['text/plain', '5'],
      ['application/dtmf', ''],
    ] as const) {
      info(caller, world, type, body)
      world.run(500)
    }
    assert.deepEqual(world.trace(), [
      'media sendDigits #2 5',
      'acme/u101 in call 200',
      'acme/u101 in call 413',
      'acme/u101 in call 400',
      'acme/u101 in call 400',
      'acme/u101 in call 415',
      'acme/u101 in call 200',
    ])
    end(world, caller)
  })
})

describe('digits for a phone that takes INFO alone', () => {
  it('go one after the other, with their pauses', () => {
    const { world, caller, callee } = talking({ dtmf: false, info: true })
    const at: [number, string][] = []
    callee.onRequest = (request) => {
      at.push([world.now, new TextDecoder().decode(request.body).slice(7, 8)])
      return 200
    }
    const actor = { orgId: 'acme', lineId: 'acme-101' }
    world.command({ kind: 'transmitDtmf', actor, dtmf: '1,2' })
    world.command({ kind: 'transmitDtmf', actor, dtmf: '3' })
    world.run(10_000)
    const [first = 0] = at[0] ?? []
    assert.deepEqual(
      at.map(([when, digit]) => [Math.round((when - first) / 10) * 10, digit]), // The network takes a little.
      [
        [0, '1'],
        [INFO_DIGIT_MS + COMMA_MS, '2'],
        [2 * INFO_DIGIT_MS + COMMA_MS, '3'],
      ],
    )
    end(world, caller)
  })

  it('are dropped beyond the limit, and with the call', () => {
    const { world, caller, callee } = talking({ dtmf: false, info: true })
    let count = 0
    callee.onRequest = () => {
      count += 1
      return 200
    }
    const actor = { orgId: 'acme', lineId: 'acme-101' }
    world.command({ kind: 'transmitDtmf', actor, dtmf: '1'.repeat(INFO_DIGITS_MAX) })
    world.command({ kind: 'transmitDtmf', actor, dtmf: '22' })
    world.run((INFO_DIGITS_MAX + 5) * INFO_DIGIT_MS)
    assert.equal(count, INFO_DIGITS_MAX + 1) // The first had left when the two came.
    world.command({ kind: 'transmitDtmf', actor, dtmf: '333' })
    end(world, caller)
    assert.ok(count <= INFO_DIGITS_MAX + 2)
  })
})

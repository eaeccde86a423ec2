import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers, NO_BODY } from '@tandem/sip'
import type { Mailbox } from '../directory.ts'
import { ENGINE_ADDRESS, type Phone, World } from '../world.test.ts'

/** The mailbox of a line with so many new and old messages. */
function mailbox(lineId: string, fresh: number, old: number, externalWaiting = false): Mailbox {
  const messages = Array.from({ length: fresh + old }, (_, index) => ({
    id: `m${index}`,
    clip: `clip${index}`,
    at: 0,
    heard: index >= fresh,
  }))
  return { orgId: 'acme', lineId, messages, externalWaiting }
}

/** Phones with a lamp: they take a NOTIFY outside of calls, and answer it with `status`. */
function withLamps(world: World, users: readonly string[], status = 200): Phone[] {
  const phones = users.map((user) => world.phone(user))
  for (const phone of phones) {
    const { endpoint } = phone
    const receive = endpoint.receive.bind(endpoint)
    endpoint.receive = (now, message, flow) => {
      if (message.kind !== 'request' || message.method !== 'NOTIFY') return receive(now, message, flow)
      phone.requests.push(message)
      const copied = [...message.headers].filter(([name]) =>
        ['Via', 'From', 'To', 'Call-ID', 'CSeq'].includes(name),
      )
      const response = {
        kind: 'response',
        status,
        reason: '',
        headers: new Headers(copied),
        body: NO_BODY,
      } as const
      return [
        { kind: 'transmit', destination: { transport: 'udp', address: ENGINE_ADDRESS }, message: response },
      ]
    }
    phone.register()
  }
  world.run(1_000)
  world.trace()
  return phones
}

/** What a phone was told in NOTIFYs so far: state, lamp and counts. */
function told(phone: Phone | undefined): string[] {
  return (phone?.requests ?? []).flatMap((request) => {
    if (request.kind !== 'request' || request.method !== 'NOTIFY') return []
    const body = new TextDecoder().decode(request.body)
    const lamp = /Messages-Waiting: (\w+)/.exec(body)?.[1]
    const counts = /Voice-Message: (\d+\/\d+)/.exec(body)?.[1]
    return [`${request.headers.get('Subscription-State')} ${lamp} ${counts}`]
  })
}

/** Sends a SUBSCRIBE as `phone`; the dialog's names are given again for a refresh. */
function subscribe(
  world: World,
  phone: Phone,
  options: { expires: number; event?: string; to?: string; toTag?: string; cseq?: number },
): void {
  const aor = `<sip:${options.to ?? phone.user}@acme.test>`
  const { outputs } = phone.endpoint.send(world.now, {
    method: 'SUBSCRIBE',
    uri: 'sip:acme.test',
    destination: { transport: 'udp', address: ENGINE_ADDRESS },
    headers: new Headers([
      ['From', `<sip:${phone.user}@acme.test>;tag=mine`],
      ['To', options.toTag === undefined ? aor : `${aor};tag=${options.toTag}`],
      ['Call-ID', `subscription of ${phone.user}`.replaceAll(' ', '-')],
      ['CSeq', `${options.cseq ?? 1} SUBSCRIBE`],
      ['Contact', `<sip:${phone.user}@${phone.address.host}:5060>`],
      ['Event', options.event ?? 'message-summary'],
      ['Expires', String(options.expires)],
    ]),
    credentials: { username: phone.user, password: 'secret' },
  })
  phone.act(outputs)
  world.run(500)
}

describe('message waiting without a subscription (RFC 3842)', () => {
  it('tells the own phones of a line when they register, and on every change', () => {
    const world = new World({
      lines: { 'acme-101': { voicemail: { busy: true, noAnswer: true } } },
      mailboxes: [mailbox('acme-101', 2, 1)],
    })
    const [phone, other] = withLamps(world, ['u101', 'u102'])
    world.run(1_000)
    assert.deepEqual(told(phone), ['active yes 2/1'])
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 0, 3)))
    world.run(1_000)
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 0, 3, true)))
    world.run(1_000)
    assert.deepEqual(told(phone), ['active yes 2/1', 'active no 0/3', 'active yes 0/3'])
    assert.deepEqual(told(other), [])
  })

  it('tells a phone that has started again anew', () => {
    const world = new World({ mailboxes: [mailbox('acme-101', 1, 0)] })
    const [phone] = withLamps(world, ['u101'])
    world.run(1_000)
    phone?.register()
    world.run(1_000)
    assert.deepEqual(told(phone), ['active yes 1/0', 'active yes 1/0']) // Its new Call-ID: it has started again.
    world.run(60_000)
    world.assertAtRest()
  })

  it('is for the own phones of a line, not for those it appears on', () => {
    const world = new World({
      change: (all) => ({
        ...all,
        devices: all.devices.map((device) =>
          device.lineId === 'acme-102' ? { ...device, secondaryLineIds: ['acme-101'] } : device,
        ),
      }),
    })
    const [, other] = withLamps(world, ['u101', 'u102'])
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 1, 0)))
    world.run(500)
    assert.deepEqual(told(other), [])
  })

  it('leaves phones alone whose line has no mailbox', () => {
    const world = new World()
    const [phone] = withLamps(world, ['u101'])
    world.run(1_000)
    assert.deepEqual(told(phone), [])
  })
})

describe('a subscription to message-summary (RFC 6665, RFC 3842 §3)', () => {
  it('is told at once, on change, and last when the phone ends it', () => {
    const world = new World()
    const [phone] = withLamps(world, ['u101'])
    assert.ok(phone !== undefined)
    subscribe(world, phone, { expires: 600 })
    assert.deepEqual(told(phone), ['active;expires=600 no 0/0'])
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 1, 0)))
    world.run(500)
    assert.equal(told(phone).length, 2)
    assert.match(told(phone)[1] ?? '', /^active;expires=\d+ yes 1\/0$/)
    const notify = phone.requests[0]
    const tag = /tag=([^;]+)/.exec(notify?.headers.get('From') ?? '')?.[1] ?? ''
    assert.equal(notify?.headers.get('To'), '<sip:u101@acme.test>;tag=mine')
    subscribe(world, phone, { expires: 0, toTag: tag, cseq: 9 })
    assert.deepEqual(
      phone.requests.map((request) => request.headers.get('CSeq')),
      ['1 NOTIFY', '2 NOTIFY', '3 NOTIFY'],
    )
    assert.equal(told(phone)[2], 'terminated;reason=timeout yes 1/0')
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 5, 0)))
    world.run(500)
    assert.deepEqual(told(phone).slice(3), ['active yes 5/0'], 'unasked again')
    world.run(60_000)
    world.assertAtRest()
  })

  it('runs out when it is not refreshed', () => {
    const world = new World()
    const [phone] = withLamps(world, ['u101'])
    assert.ok(phone !== undefined)
    subscribe(world, phone, { expires: 60 })
    world.run(61_000)
    assert.deepEqual(told(phone), ['active;expires=60 no 0/0', 'terminated;reason=timeout no 0/0'])
    world.run(60_000)
    world.assertAtRest()
  })

  it('is over when the phone says that it knows it no more', () => {
    const world = new World()
    const [phone] = withLamps(world, ['u101'], 481)
    assert.ok(phone !== undefined)
    subscribe(world, phone, { expires: 600 })
    world.act(world.engine.setMailbox(world.now, mailbox('acme-101', 1, 0)))
    world.run(500)
    assert.deepEqual(told(phone), ['active;expires=600 no 0/0', 'active yes 1/0'], 'then unasked')
  })

  it('refuses other events, other lines, intervals that are too short, and dialogs that it does not know', () => {
    for (const [options, status] of [
      [{ expires: 600, event: 'presence' }, '489'],
      [{ expires: 600, to: '102' }, '403'],
      [{ expires: 59 }, '423'],
      [{ expires: 600, toTag: 'unknown' }, '481'],
      [{ expires: 60 }, '200'],
      [{ expires: 600, to: '*86' }, '200'],
    ] as const) {
      const world = new World()
      const [phone] = withLamps(world, ['u101'])
      assert.ok(phone !== undefined)
      subscribe(world, phone, options)
      assert.deepEqual(world.trace(), [`acme/u101 ${status}`], JSON.stringify(options))
    }
  })

  it('is held by a stranger for nobody: without a login it gets a challenge', () => {
    const world = new World()
    const phone = world.phone('u101')
    phone.act(
      phone.endpoint.send(world.now, {
        method: 'SUBSCRIBE',
        uri: 'sip:u101@acme.test',
        destination: { transport: 'udp', address: ENGINE_ADDRESS },
        headers: new Headers([
          ['From', '<sip:u101@acme.test>'],
          ['To', '<sip:u101@acme.test>'],
          ['Contact', '<sip:u101@198.51.100.1>'],
          ['Event', 'message-summary'],
        ]),
      }).outputs,
    )
    world.run(1_000)
    assert.deepEqual(world.trace(), ['acme/u101 401'])
  })
})

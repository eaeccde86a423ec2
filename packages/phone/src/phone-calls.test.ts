import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CALLS_DEFAULT, CALLS_MAX } from './call/line.ts'
import { PhoneError } from './phone-error.ts'
import {
  amplitude,
  FarEnd,
  file,
  freePort,
  header,
  listen,
  loudest,
  open,
  pair,
  samplesOf,
  story,
  until,
} from './rig.test.ts'
import { parseScript } from './script/parse-script.ts'
import { runScript } from './script/run-script.ts'

const LIMIT = { timeout: 15_000 }
const TONES = { ada: 400, ben: 700, eve: 1_100 } as const

function tone(frequencyHz: number): { readonly kind: 'tone'; readonly frequencyHz: number } {
  return { kind: 'tone', frequencyHz }
}

describe('a phone with several calls', () => {
  it(
    'talks in one and holds the other, to the sample: nobody hears who is not in the call',
    LIMIT,
    async () => {
      const { ada, ben } = await pair(
        { source: tone(TONES.ben), recordTo: file('ben.wav') },
        { source: tone(TONES.ada), recordTo: file('ada.wav') },
      )
      const eve = await open('eve', {
        proxy: ben.address,
        source: tone(TONES.eve),
        recordTo: file('eve.wav'),
      })
      await ada.dial('ben')
      await (await ben.nextCall({ since: 0 })).answer()
      await listen(400)
      await eve.dial('ben')
      const second = await ben.nextCall({ since: ben.log.end })
      assert.deepEqual([second.number, ben.talking?.number], [2, 1], 'it rings beside the first')
      await second.answer()
      await until(() => ben.call(1).held)
      assert.equal(ben.talking, second)
      assert.deepEqual(
        ben.calls.map(({ held, talking }) => [held, talking]),
        [
          [true, false],
          [false, true],
        ],
      )
      await listen(100)
      const marks = { ada: samplesOf('ada.wav').length }
      await listen(900)
      await Promise.all([ben.call(1).resume(), eve.waitFor('held')])
      assert.equal(ben.talking?.number, 1)
      await listen(700)
      for (const [phone, call] of [
        [ada, 1],
        [eve, 2],
      ] as const) {
        await phone.close()
        await ben.waitFor('ended', { since: 0, call })
      }

      const [adaHeard, eveHeard] = [samplesOf('ada.wav'), samplesOf('eve.wav')]
      assert.ok(adaHeard.length - marks.ada > 8_000)
      // The middle of the hold: 0.1 s after it began at the earliest, 0.7 s of talk at its end.
      const held = adaHeard.subarray(-13_000, -8_000)
      assert.ok(
        held.every((sample) => sample === 0),
        `${held.findIndex((sample) => sample !== 0)} is not silent`,
      )
      assert.ok(loudest(adaHeard.subarray(-3_000), TONES.ben) > 0.15)
      assert.ok(loudest(eveHeard.subarray(2_000, 6_000), TONES.ben) > 0.15)
      for (const [name, samples] of [
        ['ada', adaHeard],
        ['eve', eveHeard],
      ] as const) {
        const stranger = name === 'ada' ? TONES.eve : TONES.ada
        assert.ok(amplitude(samples, stranger) < 0.002, `${name} hears a stranger`)
      }
      assert.ok(
        samplesOf('ben.wav')
          .subarray(-3_000)
          .some((sample) => sample !== 0),
      )
      const told = story(ben)
      const both = told.splice(3, 2).sort() // The answer to the hold and the ACK are on the way together.
      assert.deepEqual(both, ['1 held us', '2 established'])
      const swap = told.splice(3, 2).sort()
      assert.deepEqual(swap, ['1 resumed us', '2 held us'])
      assert.deepEqual(told, ['1 incoming', '1 established', '2 incoming', '1 ended peer', '2 ended peer'])
    },
  )

  it(
    'holds the call at hand before it dials another, and tells which is which in scripts',
    LIMIT,
    async () => {
      const { ada, ben } = await pair({ autoAnswer: { afterMs: 10 } })
      await runScript(
        ada,
        parseScript('dial ben; wait established; dial ben; #1 expect held; wait ringing'),
        0,
      )
      const second = ben.calls[1]
      assert.equal(ben.call(1).heldByPeer, true, 'the hold came first')
      await second?.answer()
      await runScript(
        ada,
        parseScript(`#2 wait established; #2 expect talking; #1 resume; #1 wait resumed; #1 expect talking;
        #2 wait held; #2 hangup; #2 wait ended; expect talking; hangup; wait ended; expect idle`),
        0,
      )
      await assert.rejects(
        runScript(ada, parseScript('expect idle;\n  #7 hold')),
        /^PhoneError: there is no call #7 \(line 2, column 3\)$/,
      )
      await assert.rejects(
        runScript(ada, parseScript('expect held')),
        /expected the phone to be held, but it is idle/,
      )
    },
  )

  it(
    'goes on ringing beside a call that is talked in, although told to answer by itself',
    LIMIT,
    async () => {
      const { ada, ben } = await pair({ autoAnswer: true })
      await ada.dial('ben')
      await ada.waitFor('established', { since: 0 })
      await ada.dial('ben')
      await ada.waitFor('ringing', { since: ada.log.end - 1 })
      await listen(50)
      assert.deepEqual(
        ben.calls.map(({ state }) => state),
        ['established', 'incoming'],
      )
    },
  )

  it(
    `takes as many calls as it was told, ${CALLS_DEFAULT} by default, and misses one more`,
    LIMIT,
    async () => {
      const { ada, ben } = await pair({ maxCalls: 2 }, { maxCalls: CALLS_MAX })
      for (const number of [1, 2, 3]) {
        await ada.dial('ben')
        await ada.waitFor(['ringing', 'failed'], { since: 0, call: number })
      }
      assert.deepEqual(story(ben), ['1 incoming', '2 incoming', 'missed 486'])
      for (const maxCalls of [0, 1.5, CALLS_MAX + 1])
        await assert.rejects(open('zoe', { maxCalls }), new RegExp(`a phone takes 1 to ${CALLS_MAX} calls`))
      const eve = await open('eve')
      for (let call = 0; call < CALLS_DEFAULT; call++) await eve.dial('nobody')
      await assert.rejects(eve.dial('nobody'), /the phone has 4 calls: hang one up first/)
    },
  )

  it('misses every caller while it does not want to be disturbed', LIMIT, async () => {
    const { ada, ben } = await pair({ doNotDisturb: true })
    await ada.dial('ben')
    assert.equal((await ada.waitFor('failed', { since: 0 })).event.status, 486)
    assert.deepEqual(story(ben), ['missed 486'])
    await runScript(ben, parseScript('dnd off'))
    await ada.dial('ben')
    await ben.waitFor('incoming', { since: 0 })
  })

  it('shows every message and everything that it hears to whoever asked for it', LIMIT, async () => {
    const messages: string[] = []
    let heard = 0
    const { ada } = await pair({
      autoAnswer: true,
      onMessage: (message, way) =>
        messages.push(`${way} ${message.kind === 'request' ? message.method : message.status}`),
      onHeard: (samples, call) => {
        assert.equal(call, 1)
        heard += samples.length
      },
    })
    await ada.dial('ben')
    await until(() => heard > 0)
    assert.deepEqual(messages, ['in INVITE', 'out 100', 'out 180', 'out 200', 'in ACK'])
  })

  it('sees nothing while it is silent, and rings at the next copy of the INVITE', LIMIT, async () => {
    const { ada, ben } = await pair()
    await runScript(ben, parseScript('silent on'))
    await ada.dial('ben')
    await listen(300)
    assert.deepEqual([story(ada), story(ben)], [[], []])
    await runScript(ben, parseScript('silent off; wait incoming within 5s'), 0)
  })
})

describe('hold', () => {
  it('waits its turn: a resume right behind a hold comes when the hold is done', LIMIT, async () => {
    const { ada, ben } = await pair({ autoAnswer: true })
    const call = await ada.dial('ben')
    await call.waitFor('established', { since: 0 })
    await Promise.all([call.hold(), call.resume()])
    await call.hold()
    await call.hold()
    assert.deepEqual(
      story(ben).filter((line) => /held|resumed/.test(line)),
      ['1 held peer', '1 resumed peer', '1 held peer'],
    )
    await assert.rejects(call.sendDigits('1'), PhoneError)
  })

  for (const answer of ['recvonly', 'inactive'] as const)
    it(`is the same to a phone whose peer answers ${answer} (RFC 3264 §8.4)`, LIMIT, async () => {
      const far = await FarEnd.open()
      const phone = await open('ada', { autoAnswer: true })
      far.call(phone)
      await phone.waitFor('established', { since: 0 })
      far.offers = answer
      await phone.call(1).hold()
      far.offers = 'sendrecv'
      await phone.call(1).resume()
      assert.deepEqual(story(phone).slice(2), ['1 held us', '1 resumed us'])
    })

  it('that is refused leaves the call as it was, and talking', LIMIT, async () => {
    const far = await FarEnd.open()
    const phone = await open('ada', { autoAnswer: true })
    far.call(phone)
    await phone.waitFor('established', { since: 0 })
    far.offers = 488
    await assert.rejects(phone.call(1).hold(), /waited for held of call 1, but refused came with 488/)
    assert.deepEqual([phone.call(1).held, phone.call(1).talking], [false, true])
  })

  it('of both sides ends for each when that side resumes', LIMIT, async () => {
    const { ada, ben } = await pair({ autoAnswer: true })
    const ours = await ada.dial('ben')
    await ben.waitFor('established', { since: 0 })
    const theirs = ben.call(1)
    await ours.hold()
    await theirs.hold()
    assert.deepEqual([ours.held, ours.heldByPeer, theirs.held, theirs.heldByPeer], [true, true, true, true])
    await ours.resume()
    assert.deepEqual([ours.held, ours.heldByPeer, theirs.held], [false, true, true])
    await theirs.resume()
    await until(() => !ours.heldByPeer)
    assert.deepEqual([theirs.held, theirs.heldByPeer], [false, false])
  })
})

describe('what a person does in a call', () => {
  it('mutes: the other hears exact silence, and hears again afterwards', LIMIT, async () => {
    const { ada, ben } = await pair({ autoAnswer: true, recordTo: file('muted.wav') }, { source: tone(440) })
    const call = await ada.dial('ben')
    await call.waitFor('established', { since: 0 })
    await listen(300)
    call.mute()
    await listen(200)
    const from = 1_600
    await listen(600)
    call.unmute()
    await listen(500)
    assert.deepEqual(story(ada).slice(-2), ['1 muted', '1 muted'])
    await ada.close()
    await ben.waitFor('ended', { since: 0 })
    const heard = samplesOf('muted.wav')
    assert.ok(loudest(heard.subarray(from, from + 800), 440) > 0.15)
    const middle = heard.subarray(-8_000, -5_600)
    assert.ok(
      middle.every((sample) => Math.abs(sample) <= 8),
      'it hears something',
    )
    assert.ok(loudest(heard.subarray(-4_000), 440) > 0.15)
  })

  it('presses keys, by RFC 4733 and by INFO; each comes once, and the way is told', LIMIT, async () => {
    const { ada, ben } = await pair({ autoAnswer: true })
    const call = await ada.dial('ben')
    await call.waitFor('established', { since: 0 })
    await call.sendDigits('1#')
    await call.sendDigits('*9d', { by: 'info' })
    assert.deepEqual(ben.log.find(0, ({ kind }) => kind === 'digit')?.event, {
      kind: 'digit',
      call: 1,
      digit: '1',
      by: 'rtp',
    })
    await runScript(ben, parseScript('expect digits 1#*9D'), 0)
    await assert.rejects(
      runScript(ben, parseScript('expect digits 2'), 0),
      /expected the keys 2, but heard 1#\*9D \(line 1, column 1\)/,
    )
    await assert.rejects(call.sendDigits('1'.repeat(65), { by: 'info' }), /too many keys wait/)
  })

  it('sends a caller elsewhere by 302, or declines with 603 or any other status', LIMIT, async () => {
    const { ada, ben } = await pair()
    const far = await FarEnd.open()
    far.call(ben)
    await (await ben.nextCall({ since: 0 })).redirect('103')
    const { response, status } = await far.hear('rejected')
    assert.deepEqual([status, header(response, 'Contact')], [302, '<sip:103@example.test>'])
    for (const status of [603, 404]) {
      const { number } = await ada.dial('ben')
      const call = await ben.nextCall({ since: 0, call: number + 1 })
      await (status === 603 ? call.decline() : call.decline(status))
      assert.equal((await ada.waitFor('failed', { since: 0, call: number })).event.status, status)
    }
    await assert.rejects(async () => ben.call(9), /there is no call #9/)
  })

  it(
    'speaks before it answers: the caller hears it, and the answer keeps the description',
    LIMIT,
    async () => {
      const { ada, ben } = await pair({ source: tone(700) }, { recordTo: file('early.wav') })
      await ada.dial('ben')
      const call = await ben.nextCall({ since: 0 })
      await call.playEarly()
      assert.equal((await ada.waitFor('early', { since: 0 })).event.codec, 'PCMU')
      await listen(600)
      assert.equal(ada.state, 'dialling')
      await call.answer()
      await listen(200)
      await ada.close()
      assert.ok(loudest(samplesOf('early.wav').subarray(1_600, 4_000), 700) > 0.15)
      assert.deepEqual(story(ada), [
        '1 ringing 180',
        '1 ringing 183',
        '1 early',
        '1 established',
        '1 ended us',
      ])
    },
  )

  it('calls for another line, or without a name (RFC 3323, RFC 3325 §9.2)', LIMIT, async () => {
    const { ada, ben } = await pair()
    const asked: unknown[] = []
    for (const options of [{}, { from: '205' }, { anonymous: true }, { from: '205', anonymous: true }]) {
      const call = await ada.dial('*44', options)
      const { invite } = await ben.nextCall({ since: ben.log.end - 1 })
      const [from = ''] = header(invite, 'From').split(';')
      assert.equal(invite?.uri, 'sip:*44@example.test')
      asked.push([from, header(invite, 'P-Preferred-Identity'), header(invite, 'Privacy')])
      await call.hangup()
      await ben.waitFor('ended', { since: ben.log.end - 1 })
    }
    assert.deepEqual(asked, [
      ['<sip:ada@example.test>', '', ''],
      ['<sip:205@example.test>', '<sip:205@example.test>', ''],
      ['"Anonymous" <sip:anonymous@anonymous.invalid>', '<sip:ada@example.test>', 'id'],
      ['"Anonymous" <sip:anonymous@anonymous.invalid>', '<sip:205@example.test>', 'id'],
    ])
  })
})

describe('transfer', () => {
  it(
    'blind: the peer calls there by itself, the news is followed, and the phone hangs up (RFC 5589 §6)',
    LIMIT,
    async () => {
      const cem = await open('cem', { source: tone(1_100), autoAnswer: { afterMs: 50 } })
      const { ada, ben } = await pair(
        { autoAnswer: true, honourRefer: true, proxy: cem.address, recordTo: file('blind.wav') },
        {},
      )
      const call = await ada.dial('ben')
      await call.waitFor('established', { since: 0 })
      await call.transfer('cem')
      await call.over(1)
      assert.deepEqual(story(ada).slice(2), [
        '1 transferring 202',
        '1 transferring 100',
        '1 held peer',
        '1 transferring 180',
        '1 transferred 200',
        '1 ended us',
      ])
      assert.equal(ben.talking?.number, 2)
      assert.equal(header(cem.call(1).invite, 'Referred-By'), '<sip:ada@example.test>')
      await listen(500)
      await ben.close()
      assert.ok(loudest(samplesOf('blind-2.wav').subarray(-2_000), 1_100) > 0.15)
    },
  )

  it('that is refused, or whose new call fails, leaves the call as it was', LIMIT, async () => {
    const cem = await open('cem', { doNotDisturb: true })
    const { ada, ben } = await pair({ autoAnswer: true, honourRefer: true, proxy: cem.address })
    const call = await ada.dial('ben')
    await call.waitFor('established', { since: 0 })
    await assert.rejects(call.transfer('cem'), /but transferFailed came with 486/)
    await ben.call(1).resume()
    const back = ben.call(1)
    await assert.rejects(back.transfer('cem'), /but transferFailed came with 603/)
    assert.deepEqual([call.state, back.state, ben.talking], ['established', 'established', back])
    const [first, second] = [call.transfer('cem').catch(() => {}), call.transfer('cem')]
    await assert.rejects(second, /the call is being transferred already/)
    await first
  })

  it('attended: the target takes our place in the second call (RFC 5589 §7, RFC 3891)', LIMIT, async () => {
    const place = await freePort()
    const cem = await open('cem', { proxy: place, source: tone(1_100), recordTo: file('cem.wav') })
    const ben = await open('ben', {
      proxy: cem.address,
      autoAnswer: true,
      honourRefer: true,
      source: tone(700),
      recordTo: file('attended.wav'),
    })
    const ada = await open('ada', { listen: place, proxy: ben.address })
    const first = await ada.dial('ben')
    await first.waitFor('established', { since: 0 })
    await cem.dial('ada')
    const second = await ada.nextCall({ since: 0 })
    await second.answer()
    await runScript(
      ada,
      parseScript('#1 wait held; #1 attended #2; #1 wait transferred; #1 wait ended; #2 wait ended'),
      0,
    )
    await listen(500)
    assert.deepEqual(story(cem), [
      '1 ringing 180',
      '1 established',
      '2 incoming',
      '1 ended replaced',
      '2 established',
    ])
    assert.deepEqual(
      story(ada).filter((line) => /ended|transferr/.test(line) && !/transferring 1/.test(line)),
      ['1 transferring 202', '2 ended peer', '1 transferred 200', '1 ended us'],
    )
    assert.deepEqual([ada.state, ben.talking?.number, cem.talking?.number], ['idle', 2, 2])
    await Promise.all([ben.close(), cem.close()])
    assert.ok(loudest(samplesOf('attended-2.wav').subarray(-2_000), 1_100) > 0.15)
    assert.ok(loudest(samplesOf('cem-2.wav').subarray(-2_000), 700) > 0.15)
  })

  it('ends the second call by itself when its peer does not', LIMIT, async () => {
    const far = await FarEnd.open()
    const ada = await open('ada', { autoAnswer: true })
    const one = far.call(ada)
    await ada.waitFor('established', { since: 0, call: 1 })
    await ada.call(1).hold()
    const two = far.call(ada)
    await ada.waitFor('established', { since: 0, call: 2 })
    const done = ada.call(1).transfer(ada.call(2))
    const { transaction, request } = await far.hear('callRequest')
    far.step((at, endpoint) => endpoint.respond(at, transaction, 202))
    assert.equal(
      decodeURIComponent(header(request, 'Refer-To')),
      `<sip:far@example.test?Replaces=${far.replacesAtFar(two)}>`,
    )
    const news = [
      ['Event', 'refer'],
      ['Subscription-State', 'terminated;reason=noresource'],
      ['Content-Type', 'message/sipfrag'],
    ] as const
    assert.equal(
      await far.request(
        one,
        'NOTIFY',
        [...news].map(([name, value]) => [name, value]),
        'SIP/2.0 200 OK\r\n',
      ),
      200,
    )
    await done
    await ada.call(2).over(4_000)
    assert.deepEqual(story(ada).slice(-2), ['1 ended us', '2 ended us'])
  })
})

describe('what a server asks of a phone', () => {
  /** A phone in a call with a far end. */
  async function talking(options: Parameters<typeof open>[1] = {}): Promise<{
    far: FarEnd
    phone: Awaited<ReturnType<typeof open>>
    call: number
  }> {
    const far = await FarEnd.open()
    const phone = await open('ada', { autoAnswer: true, ...options })
    const call = far.call(phone)
    await phone.waitFor('established', { since: 0 })
    await far.hear('accepted')
    return { far, phone, call }
  }

  it('shows another peer, by UPDATE or by re-INVITE (RFC 3311, RFC 3325)', LIMIT, async () => {
    const { far, phone, call } = await talking()
    assert.deepEqual(phone.call(1).remote, { uri: 'sip:far@example.test', name: 'Far End' })
    const asserted = (name: string): [string, string] => [
      'P-Asserted-Identity',
      `"${name}" <sip:9@example.test>`,
    ]
    far.step((at, endpoint) => endpoint.update(at, call, [asserted('Nina')]))
    assert.deepEqual((await phone.waitFor('identity', { since: 0 })).event, {
      kind: 'identity',
      call: 1,
      remote: 'sip:9@example.test',
      name: 'Nina',
    })
    far.step((at, endpoint) =>
      endpoint.offer(at, call, far.description('sendonly'), { headers: [asserted('Nils')] }),
    )
    await phone.waitFor('held', { since: 0 })
    assert.deepEqual(phone.call(1).remote.name, 'Nils')
    assert.deepEqual(story(phone).slice(2), ['1 identity', '1 identity', '1 held peer'])
  })

  it('lights its lamp, inside and outside of calls (RFC 3842)', LIMIT, async () => {
    const { far, phone, call } = await talking()
    const summary: [string, string][] = [
      ['Event', 'message-summary'],
      ['Subscription-State', 'active'],
      ['Content-Type', 'application/simple-message-summary'],
    ]
    const body =
      'Messages-Waiting: yes\r\nMessage-Account: sip:*98@example.test\r\nVoice-Message: 2/8 (0/2)\r\n'
    assert.equal(await far.request(call, 'NOTIFY', summary, body), 200)
    assert.deepEqual((await phone.waitFor('messageWaiting', { since: 0 })).event, {
      kind: 'messageWaiting',
      waiting: true,
      newCount: 2,
      oldCount: 8,
    })
    assert.equal(await far.request(call, 'NOTIFY', summary, 'Messages-Waiting: maybe\r\n'), 400)
    assert.equal(await far.notifyOutside(phone, summary, 'Messages-Waiting: no\r\n'), 200)
    assert.equal(await far.notifyOutside(phone, summary, ''), 400)
    assert.equal(await far.notifyOutside(phone, [['Event', 'dialog']], ''), 481)
    assert.deepEqual(story(phone).slice(2), ['messageWaiting', 'messageWaiting'])
  })

  it('refuses what it does not know, and a REFER unless told to obey', LIMIT, async () => {
    const { far, call } = await talking()
    const refused = [
      ['NOTIFY', [['Event', 'dance']], 489],
      ['NOTIFY', [['Event', 'talk']], 489],
      ['NOTIFY', [['Event', 'refer']], 400],
      ['INFO', [['Content-Type', 'text/plain']], 415],
      ['REFER', [['Refer-To', '<sip:103@example.test>']], 603],
      ['MESSAGE', [], 200],
    ] as const
    for (const [method, fields, want] of refused)
      assert.equal(
        await far.request(
          call,
          method,
          fields.map(([name, value]) => [name, value]),
        ),
        want,
        method,
      )
    const news = 'SIP/2.0 200 OK\r\n'
    const sipfrag: [string, string][] = [
      ['Event', 'refer'],
      ['Content-Type', 'message/sipfrag'],
    ]
    assert.equal(await far.request(call, 'NOTIFY', sipfrag, news), 481, 'nothing was referred')
    const obeying = await talking({ honourRefer: true })
    assert.equal(await obeying.far.request(obeying.call, 'REFER', [['Refer-To', 'nobody']]), 400)
  })

  it('talks and holds by NOTIFY, also beside another call', LIMIT, async () => {
    const { far, phone } = await talking({ honourTalk: true })
    const other = far.call(phone)
    await phone.waitFor('incoming', { since: 0, call: 2 })
    await until(() => far.told.some((each) => each.kind === 'progressed' && each.call === other))
    assert.equal(await far.request(other, 'NOTIFY', [['Event', 'talk']]), 200)
    await phone.waitFor('established', { since: 0, call: 2 })
    assert.equal(phone.talking?.number, 2)
    await until(() => phone.call(1).held)
    assert.equal(await far.request(other, 'NOTIFY', [['Event', 'hold']]), 200)
    await until(() => phone.call(2).held)
    assert.equal(phone.talking, undefined)
    assert.equal(await far.request(other, 'NOTIFY', [['Event', 'talk']]), 200)
    await until(() => phone.talking?.number === 2)
  })

  it('is taken over by an INVITE with Replaces, and answers at once (RFC 3891 §3)', LIMIT, async () => {
    const { far, phone, call } = await talking({ autoAnswer: true })
    const wanted = far.replaces(call)
    for (const [value, status] of [
      [wanted.replace(/to-tag=\w+/, 'to-tag=other'), 481],
      [`${wanted};early-only`, 486],
      ['nonsense', 400],
    ] as const) {
      const since = far.told.length
      far.call(phone, [['Replaces', value]])
      assert.equal((await far.hear('rejected', since)).status, status, value)
    }
    far.call(phone, [['Replaces', wanted]])
    assert.equal((await far.hear('ended')).call, call)
    await phone.waitFor('established', { since: 0, call: 2 })
    assert.deepEqual(story(phone), [
      '1 incoming',
      '1 established',
      '2 incoming',
      '1 ended replaced',
      '2 established',
    ])
    assert.equal(phone.talking?.number, 2)
  })

  it('gives up a call that it is still placing, but none that rings here (RFC 3891 §3)', LIMIT, async () => {
    const far = await FarEnd.open()
    const phone = await open('ada', { proxy: far.address })
    await phone.dial('far')
    const { call } = await far.hear('invited')
    far.step((at, endpoint) => endpoint.progress(at, call, 180))
    await phone.waitFor('ringing', { since: 0 })
    const since = far.told.length
    far.call(phone, [['Replaces', far.replaces(call)]])
    await far.hear('cancelled', since)
    await phone.waitFor('established', { since: 0, call: 2 })
    const ringing = far.call(phone)
    await until(() => far.told.some((each) => each.kind === 'progressed' && each.call === ringing))
    far.call(phone, [['Replaces', far.replaces(ringing)]])
    assert.equal((await far.hear('rejected', since)).status, 481)
  })
})

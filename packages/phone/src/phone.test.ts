import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import type { PhoneEvent } from './events/event.ts'
import type { PhoneOptions } from './options.ts'
import { openPhone, type Phone } from './phone.ts'
import { PhoneError } from './phone-error.ts'
import { loudest } from './rig.test.ts'
import { parseScript } from './script/parse-script.ts'
import { runScript } from './script/run-script.ts'
import { readWav, WAV_RATE_HZ, wavHeader } from './wav/wav.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-phone-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const ACCOUNT = { password: 'x', domain: 'example.test' }

/** Phones that a test has opened: they must not stay open when it fails. */
const phones: Phone[] = []
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.close()
})

async function open(options: PhoneOptions): Promise<Phone> {
  const phone = await openPhone(options)
  phones.push(phone)
  return phone
}

/** A phone that others call, and one that calls it without a server between them. */
async function pair(
  callee: Partial<PhoneOptions>,
  caller: Partial<PhoneOptions> = {},
): Promise<{ ada: Phone; ben: Phone }> {
  const host = callee.listen?.host ?? '127.0.0.1'
  const ben = await open({ ...ACCOUNT, user: 'ben', proxy: { host, port: 5060 }, ...callee })
  const { transport = 'udp' } = caller.proxy ?? {}
  const ada = await open({
    ...ACCOUNT,
    user: 'ada',
    name: 'Ada "A"',
    ...caller,
    proxy: { host, port: portOf(ben, transport), transport },
  })
  return { ada, ben }
}

function portOf(phone: Phone, transport: 'udp' | 'tcp'): number {
  const address = phone.addresses.find((each) => each.transport === transport)
  assert.ok(address)
  return address.port
}

/** The power of one frequency in samples: Goertzel's filter, 0 to 1 for a full-scale sine. */
function amplitude(samples: Int16Array, frequencyHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / WAV_RATE_HZ)
  let [before, last] = [0, 0]
  for (const sample of samples) [before, last] = [last, sample / 32_768 + factor * last - before]
  return (2 * Math.sqrt(Math.max(0, last * last + before * before - factor * last * before))) / samples.length
}

/** The samples of a file without the start, while the jitter buffer fills. */
function heard(path: string): Int16Array {
  return readWav(readFileSync(path), path).subarray(WAV_RATE_HZ / 4)
}

/** Everything that a phone has told. */
function events(phone: Phone): PhoneEvent[] {
  const all: PhoneEvent[] = []
  for (let cursor = 0; ; ) {
    const found = phone.log.find(cursor, () => true)
    if (found === undefined) return all
    all.push(found.event)
    cursor = found.cursor
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('two phones', () => {
  for (const [name, host, transport] of [
    ['UDP', '127.0.0.1', 'udp'],
    ['TCP', '127.0.0.1', 'tcp'],
    ['IPv6', '::1', 'udp'],
  ] as const)
    it(`hear each other's tone over ${name}, measured`, { timeout: 15_000 }, async () => {
      const files = [join(folder, `${name}-ada.wav`), join(folder, `${name}-ben.wav`)] as const
      const { ada, ben } = await pair(
        {
          listen: { host },
          autoAnswer: true,
          source: { kind: 'tone', frequencyHz: 700 },
          recordTo: files[1],
          codecs: ['PCMA'],
        },
        {
          proxy: { host, port: 0, transport },
          source: { kind: 'tone', frequencyHz: 440 },
          recordTo: files[0],
        },
      )
      await ada.dial('ben')
      const { event } = await ada.waitFor('established', { since: 0 })
      assert.deepEqual(event, { kind: 'established', call: 1, direction: 'outgoing', codec: 'PCMA' })
      const incoming = await ben.waitFor('incoming', { since: 0 })
      assert.deepEqual(incoming.event, {
        kind: 'incoming',
        call: 1,
        remote: 'sip:ada@example.test',
        name: 'Ada "A"',
        autoAnswer: true,
      })
      await pause(1_200)
      ada.hangup()
      const ended = await ben.waitFor('ended', { since: 0 })
      assert.equal(ended.event.why, 'peer')
      assert.equal(ended.event.statistics.packetsLost, 0)
      assert.ok(
        ended.event.statistics.packetsReceived >= 55,
        `${ended.event.statistics.packetsReceived} packets`,
      )
      await Promise.all([ada.close(), ben.close()])
      for (const [path, own, other] of [
        [files[0], 440, 700],
        [files[1], 700, 440],
      ] as const) {
        const samples = heard(path)
        assert.ok(samples.length >= 0.9 * WAV_RATE_HZ, `${path} has ${samples.length} samples`)
        // A machine that stands still for a moment leaves a gap in the file; the tone beside it is what was sent.
        const [loud, faint] = [loudest(samples, other), amplitude(samples, own)]
        assert.ok(loud > 0.2, `the other's tone is at ${loud}`)
        assert.ok(faint < 0.05 * loud, `the own tone is at ${faint}`)
      }
    })

  it('hold and resume: the held one says nothing, and both say so', { timeout: 15_000 }, async () => {
    const path = join(folder, 'hold.wav')
    const { ada, ben } = await pair(
      { autoAnswer: true, source: { kind: 'tone', frequencyHz: 700 } },
      { recordTo: path },
    )
    await ada.dial('ben')
    await runScript(
      ada,
      parseScript(
        'wait established; wait 300ms; hold; wait held; wait 700ms; resume; wait resumed; wait 700ms',
      ),
      0,
    )
    ada.hangup()
    await ben.waitFor('ended', { since: 0 })
    const holds = (phone: Phone): unknown[] =>
      events(phone).filter((event) => event.kind === 'held' || event.kind === 'resumed')
    assert.deepEqual(holds(ada), [
      { kind: 'held', call: 1, by: 'us' },
      { kind: 'resumed', call: 1, by: 'us' },
    ])
    assert.deepEqual(holds(ben), [
      { kind: 'held', call: 1, by: 'peer' },
      { kind: 'resumed', call: 1, by: 'peer' },
    ])
    await Promise.all([ada.close(), ben.close()])
    const samples = readWav(readFileSync(path), path)
    const [during, afterwards] = [samples.subarray(5_200, 7_600), samples.subarray(-4_000)]
    assert.ok(amplitude(during, 700) < 0.01, `${amplitude(during, 700)} while held`)
    assert.ok(amplitude(afterwards, 700) > 0.2, `${amplitude(afterwards, 700)} afterwards`)
  })

  it('press keys, play a file and hang up by script; the other one hears them', {
    timeout: 15_000,
  }, async () => {
    const voice = join(folder, 'voice.wav')
    const samples = Int16Array.from(
      { length: 2_400 },
      (_, index) => 9_000 * Math.sin((2 * Math.PI * 500 * index) / WAV_RATE_HZ),
    )
    writeFileSync(voice, Buffer.concat([wavHeader(samples.length), new Uint8Array(samples.buffer)]))
    const path = join(folder, 'keys.wav')
    const { ada, ben } = await pair({ recordTo: path })
    await ada.dial('sip:ben@example.test')
    const answering = runScript(ben, parseScript('wait ringing; answer; wait ended'), 0)
    await runScript(
      ada,
      parseScript(
        `wait established; wait 200ms; dtmf 12#A; play ${voice}; wait played; wait 300ms; hangup; wait ended`,
      ),
      0,
    )
    await answering
    assert.deepEqual(
      events(ben).flatMap((event) => (event.kind === 'digit' ? [event.digit] : [])),
      ['1', '2', '#', 'A'],
    )
    await Promise.all([ada.close(), ben.close()])
    assert.ok(amplitude(readWav(readFileSync(path), path), 500) > 0.02)
  })

  it('end a call that is turned away, not answered in time, cancelled, or busy', {
    timeout: 15_000,
  }, async () => {
    const { ada, ben } = await pair({ maxCalls: 1 })
    await ada.dial('ben')
    await ben.waitFor('incoming', { since: 0 })
    ben.reject(603)
    assert.equal((await ada.waitFor('failed', { since: 0 })).event.status, 603)

    await ada.dial('ben')
    const { cursor } = await ada.waitFor('ringing', { since: ada.log.end })
    ada.hangup()
    assert.equal((await ada.waitFor('failed', { since: cursor })).event.status, 487)
    assert.equal((await ben.waitFor('ended', { since: 0 })).event.why, 'cancelled')

    await ada.dial('ben')
    await ben.waitFor('incoming')
    const eve = await open({ ...ACCOUNT, user: 'eve', proxy: ben.address })
    await eve.dial('ben')
    assert.equal((await eve.waitFor('failed', { since: 0 })).event.status, 486)
    await assert.rejects(
      runScript(eve, parseScript('wait established'), 0),
      /waited for established, but failed came with 486/,
    )
    await Promise.all([ada.close(), ben.close(), eve.close()])
    assert.deepEqual([ada.state, ben.state], ['idle', 'idle'])
  })

  it('answer only the calls that ask for it when told so', { timeout: 15_000 }, async () => {
    const { ada, ben } = await pair({ autoAnswer: 'header' })
    await ada.dial('ben')
    assert.equal((await ben.waitFor('incoming', { since: 0 })).event.autoAnswer, false)
    await Promise.all([ada.close(), ben.close()])
  })

  it('tell their events to a loop, which ends with the phone', { timeout: 15_000 }, async () => {
    const { ada, ben } = await pair({ autoAnswer: true })
    const seen: string[] = []
    const loop = (async () => {
      for await (const event of ada.events()) {
        seen.push(event.kind)
        if (event.kind === 'established') ada.hangup()
      }
    })()
    await ada.dial('ben')
    await ben.waitFor('ended', { since: 0 })
    await Promise.all([ada.close(), ben.close()])
    await loop
    assert.deepEqual(seen, ['ringing', 'established', 'ended'])
  })

  it('say at once what cannot be done', { timeout: 15_000 }, async () => {
    const { ada, ben } = await pair({})
    for (const impossible of [
      () => ada.hangup(),
      () => ada.hold(),
      () => ada.answer(),
      () => ada.reject(),
      () => ada.sendDtmf('1'),
    ])
      assert.throws(impossible, PhoneError)
    for (const destination of ['', 'a b', 'sip:', '<x>'])
      await assert.rejects(ada.dial(destination), PhoneError)
    assert.throws(() => ada.play({ kind: 'tone', frequencyHz: 3_801 }), PhoneError)
    assert.throws(
      () => ada.play({ kind: 'file', path: join(folder, 'none.wav'), repeats: false }),
      PhoneError,
    )
    await assert.rejects(ada.waitFor('established', { timeoutMs: 1 }), /waited 1 ms in vain for established/)
    await Promise.all([ada.close(), ben.close()])
    await ada.close()
  })
})

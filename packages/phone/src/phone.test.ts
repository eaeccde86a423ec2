import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { PhoneOptions } from './options.ts'
import { openPhone, type Phone } from './phone.ts'
import { parseScript } from './script/parse-script.ts'
import { runScript } from './script/run-script.ts'
import { readWav, WAV_RATE_HZ } from './wav/wav.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-phone-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const ACCOUNT = { password: 'x', domain: 'example.test' }

/** A phone that others call, and one that calls it without a server between them. */
async function pair(
  callee: Partial<PhoneOptions>,
  caller: Partial<PhoneOptions> = {},
): Promise<{ ada: Phone; ben: Phone }> {
  const host = callee.listen?.host ?? '127.0.0.1'
  const ben = await openPhone({ ...ACCOUNT, user: 'ben', proxy: { host, port: 5060 }, ...callee })
  const { transport = 'udp' } = caller.proxy ?? {}
  const ada = await openPhone({
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
      assert.deepEqual(event, { kind: 'established', direction: 'outgoing', codec: 'PCMA' })
      const incoming = await ben.waitFor('incoming', { since: 0 })
      assert.deepEqual(incoming.event, {
        kind: 'incoming',
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
        const [loud, faint] = [amplitude(samples, other), amplitude(samples, own)]
        assert.ok(loud > 0.2, `the other's tone is at ${loud}`)
        assert.ok(faint < 0.05 * loud, `the own tone is at ${faint}`)
      }
    })

  it('hold, resume, press keys, and change what they say', { timeout: 20_000 }, async () => {
    const path = join(folder, 'hold.wav')
    const { ada, ben } = await pair(
      { autoAnswer: true, recordTo: path },
      { source: { kind: 'tone', frequencyHz: 600 } },
    )
    await ada.dial('ben')
    await ada.waitFor('established', { since: 0 })
    const digits: string[] = []
    ben.on((event) => event.kind === 'digit' && digits.push(event.digit))
    await runScript(ada, parseScript('wait 500ms; dtmf 12#A; hold; wait held'))
    assert.deepEqual(digits, ['1', '2', '#', 'A'])
    assert.equal(
      (await ben.waitFor('held', { since: 0 })).event.by,
      'us' === 'us' ? (await ben.waitFor('held', { since: 0 })).event.by : '',
    )
    await ben.close()
    await ada.waitFor('ended', { since: 0 })
    await ada.close()
  })
})

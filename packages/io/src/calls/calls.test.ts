import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { StartError } from '../start-error.ts'
import { type Calls, type CallsOptions, startCalls } from './calls.ts'

const actor = { orgId: 'o', lineId: 'p' }

async function start(port = 0, died: string[] = []): Promise<{ calls: Calls; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-calls-'))
  const options: CallsOptions = {
    sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port }] },
    media: { host: '127.0.0.1', portMin: 47_000, portMax: 47_999, workers: 1 },
    node: 1,
    boot: 1,
    product: 'Tandem test',
    directory: { organizations: [], locations: [], lines: [], devices: [] },
    bindings: [],
    limits: {
      callsMax: 10,
      callsPerPersonMax: 10,
      bindingsPerDeviceMax: 5,
      registerExpiresMinSeconds: 60,
      registerExpiresMaxSeconds: 3_600,
      ringMsMax: 60_000,
      clickToDialRingMsMax: 30_000,
    },
    kek: new Uint8Array(32),
    journalFolder: folder,
    logger: SILENT,
    onEvent() {},
    onRecording() {},
    storeBindings: () => Promise.resolve(),
    onNotice() {},
    onDied: (why) => died.push(why),
  }
  return { calls: await startCalls(options), folder }
}

describe('startCalls', () => {
  it('runs the real engine in its thread: SIP and commands are answered, and a close ends it', async () => {
    const died: string[] = []
    const { calls, folder } = await start(0, died)
    const phone = dgram.createSocket('udp4')
    const port = calls.addresses[0]?.port ?? 0
    phone.send(
      'OPTIONS sip:x@example.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n' +
        'From: <sip:a@example.test>;tag=1\r\nTo: <sip:x@example.test>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n' +
        'Content-Length: 0\r\n\r\n',
      port,
      '127.0.0.1',
    )
    const [answer] = (await once(phone, 'message')) as [Buffer]
    assert.match(answer.toString(), /^SIP\/2\.0 \d\d\d /)
    phone.close()
    const result = await calls.run({ kind: 'list', actor })
    assert.ok(result.kind === 'calls' || result.kind === 'refused')
    const stats = await calls.stats()
    assert.equal(stats.engine.sessions, 0)
    assert.equal(stats.media.length, 1)
    await calls.close()
    await assert.rejects(calls.run({ kind: 'list', actor }), /has ended/)
    assert.deepEqual(died, [])
    await rm(folder, { recursive: true })
  })

  it('rejects in one sentence when the SIP port is taken', async () => {
    const taken = dgram.createSocket('udp4')
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    await assert.rejects(start(taken.address().port), (error: unknown) => {
      return (
        error instanceof StartError &&
        /SIP over UDP on 127\.0\.0\.1:\d+: the port is taken/.test(error.message)
      )
    })
    taken.close()
  })

  it('answers a command that waits when a drain is over: never a promise that stays open', async () => {
    const { calls, folder } = await start()
    const asked = Promise.allSettled([calls.run({ kind: 'list', actor }), calls.drain(0), calls.stats()])
    const settled = await asked
    assert.equal(settled[1].status, 'fulfilled')
    await rm(folder, { recursive: true })
  })
})

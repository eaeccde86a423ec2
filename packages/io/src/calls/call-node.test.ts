import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Instant, NEVER, SILENT } from '@tandem/base'
import type { CallEngine, CallResult, EngineOutput } from '@tandem/engine'
import type { MediaEvent } from '@tandem/media'
import { type Flow, Headers, NO_BODY, printMessage, type SipMessage } from '@tandem/sip'
import { StartError } from '../start-error.ts'
import { type CallNode, startCallNode } from './call-node.ts'
import type { CallsReport } from './calls-message.ts'

const OPTIONS = {
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
}

/** An engine of a few lines: it answers requests, allocates a leg on INVITE, throws on MESSAGE. */
class SmallEngine implements CallEngine {
  deadline: Instant = NEVER
  draining = false
  readonly legs = new Set<string>()
  readonly told: string[] = []

  tick(): EngineOutput[] {
    return []
  }

  receive(_now: Instant, message: SipMessage, flow: Flow): EngineOutput[] {
    if (message.kind !== 'request') return []
    if (message.method === 'MESSAGE') throw new Error('a bug of ours')
    if (message.method === 'REGISTER') {
      return [{ kind: 'storeBindings', token: 7, orgId: 'o', deviceId: 'd', bindings: [] }]
    }
    const destination = { transport: flow.transport, address: flow.remote, flowId: flow.id }
    const response: SipMessage = {
      kind: 'response',
      status: 200,
      reason: 'OK',
      headers: message.headers.clone(),
      body: NO_BODY,
    }
    const answer: EngineOutput = { kind: 'transmit', destination, message: response }
    if (message.method !== 'INVITE') return [answer]
    this.legs.add('l')
    return [
      { kind: 'media', command: { kind: 'allocate', leg: 'l', session: 's', family: 4 } },
      {
        kind: 'event',
        event: {
          kind: 'call',
          event: 'created',
          eventType: 'received',
          at: 0,
          orgId: 'o',
          lineId: 'p',
          call: {
            callId: 'callhalf-1:1',
            callSessionId: 's',
            personality: 'terminator',
            state: 'alerting',
            remoteParty: { privacyEnabled: false, callType: 'other' },
            created: 0,
            muteCapable: false,
            muted: false,
          },
        },
      },
    ]
  }

  sendFailed(): EngineOutput[] {
    this.told.push('sendFailed')
    return [{ kind: 'notice', notice: 'unreachable' }]
  }

  flowClosed(): EngineOutput[] {
    return []
  }

  command(_now: Instant, id: number, command: { kind: string }): EngineOutput[] {
    this.told.push(command.kind)
    if (command.kind === 'hangup') {
      this.legs.delete('l')
      return [{ kind: 'media', command: { kind: 'release', leg: 'l' } }]
    }
    const result: CallResult = { kind: 'calls', calls: [] }
    return [{ kind: 'reply', id, result }]
  }

  media(_now: Instant, event: MediaEvent): EngineOutput[] {
    this.told.push(event.kind)
    return [{ kind: 'notice', notice: event.kind }]
  }

  registrationStored(_now: Instant, token: number, stored: boolean): EngineOutput[] {
    return [{ kind: 'notice', notice: `stored ${token} ${stored}` }]
  }

  setMailbox(): EngineOutput[] {
    return []
  }

  setDirectory(): EngineOutput[] {
    return []
  }

  drain(): EngineOutput[] {
    this.draining = true
    return [{ kind: 'notice', notice: 'draining' }]
  }

  get counts(): CallEngine['counts'] {
    const legs = this.legs.size
    return { sessions: legs, halves: 0, legs, recordings: 0, transactions: 0, registrations: 0 }
  }
}

/** A node around that engine, a phone's socket, and what was reported. */
class Stand {
  readonly engine = new SmallEngine()
  readonly reports: CallsReport[] = []
  node!: CallNode
  folder = ''
  readonly phone = dgram.createSocket('udp4')
  #listeners: (() => void)[] = []

  async start(port = 0): Promise<this> {
    this.folder = await mkdtemp(join(tmpdir(), 'tandem-node-'))
    this.phone.bind(0, '127.0.0.1')
    await once(this.phone, 'listening')
    this.node = await startCallNode({
      options: {
        ...OPTIONS,
        sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port }] },
        media: { host: '127.0.0.1', portMin: 46_000, portMax: 46_999, workers: 1 },
        journalFolder: this.folder,
      },
      engine: () => this.engine,
      report: (report) => {
        this.reports.push(report)
        for (const listener of this.#listeners) listener()
      },
      logger: SILENT,
    })
    return this
  }

  send(method: string): void {
    const headers = new Headers([
      ['Via', 'SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKabc;rport'],
      ['From', '<sip:a@example.test>;tag=1'],
      ['To', '<sip:b@example.test>'],
      ['Call-ID', 'c'],
      ['CSeq', `1 ${method}`],
    ])
    const bytes = printMessage({ kind: 'request', method, uri: 'sip:b@example.test', headers, body: NO_BODY })
    this.phone.send(bytes, this.node.addresses[0]?.port ?? 0, '127.0.0.1')
  }

  report<Kind extends CallsReport['kind']>(
    kind: Kind,
    of: (report: Extract<CallsReport, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<CallsReport, { kind: Kind }>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.reports.find((each) => each.kind === kind && of(each as never)) // Narrowed by `kind`.
        if (found === undefined) return
        this.#listeners = this.#listeners.filter((each) => each !== look)
        resolve(found as never)
      }
      this.#listeners.push(look)
      look()
    })
  }

  async stop(graceMs = 0): Promise<void> {
    this.node.take({ kind: 'drain', graceMs })
    await this.report('drained')
    this.phone.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

describe('the call node', () => {
  it('carries a request to the engine and its answer back to where it came from', async () => {
    const stand = await new Stand().start()
    stand.send('OPTIONS')
    const [answer] = (await once(stand.phone, 'message')) as [Buffer]
    assert.match(answer.toString(), /^SIP\/2\.0 200 OK/)
    await stand.stop()
  })

  it('goes on after a message that makes the engine throw (P6)', async () => {
    const stand = await new Stand().start()
    stand.send('MESSAGE')
    stand.send('OPTIONS')
    const [answer] = (await once(stand.phone, 'message')) as [Buffer]
    assert.match(answer.toString(), /200 OK/)
    stand.node.take({ kind: 'stats', id: 1 })
    assert.equal((await stand.report('stats')).stats.transport.handlerErrors, 1)
    await stand.stop()
  })

  it('answers commands and stores bindings before the engine hears of it', async () => {
    const stand = await new Stand().start()
    stand.node.take({ kind: 'run', id: 3, command: { kind: 'list', actor: { orgId: 'o', lineId: 'p' } } })
    assert.equal((await stand.report('reply')).id, 3)
    stand.send('REGISTER')
    const { token } = await stand.report('storeBindings')
    stand.node.take({ kind: 'stored', token, stored: false })
    await stand.report('notice', (report) => report.notice === 'stored 7 false')
    await stand.stop()
  })

  it('drains: no new calls, then hangs up what stands for its own person, then ends', async () => {
    const stand = await new Stand().start()
    stand.send('INVITE')
    await stand.report('notice', (report) => report.notice === 'allocated')
    await stand.stop(10)
    assert.ok(stand.engine.draining)
    assert.deepEqual(stand.engine.told, ['allocated', 'hangup', 'released'])
  })

  it('refuses a taken SIP port in one sentence, and leaves nothing running', async () => {
    const taken = dgram.createSocket('udp4')
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    const stand = new Stand()
    const { port } = taken.address()
    await assert.rejects(stand.start(port), (error: unknown) => {
      return error instanceof StartError && error.message.includes(`127.0.0.1:${port}: the port is taken`)
    })
    taken.close()
    stand.phone.close()
    await rm(stand.folder, { recursive: true })
  })
})

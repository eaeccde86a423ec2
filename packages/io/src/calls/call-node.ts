/**
 * Everything that happens in the calls thread: transports, the engine and the media port, joined by one loop.
 *
 * The engine is any `CallEngine`; what it causes is carried out in order, and what comes of it returns as an input
 * of its own. Nothing here waits: a command's answer, a stored binding and a media event arrive when they do.
 */
import { type Instant, type Logger, NEVER } from '@tandem/base'
import type { CallEngine, EngineEvent, EngineOptions, EngineOutput } from '@tandem/engine'
import type { MediaEvent } from '@tandem/media'
import { nodeCrypto } from '../crypto.ts'
import { startMediaWorkers } from '../media/media-workers.ts'
import { WorkerMediaPort } from '../media/worker-media-port.ts'
import { now, wallOffsetMs } from '../time/clock.ts'
import { drive, type Step } from '../time/loop.ts'
import { lastResort } from '../transport/last-resort.ts'
import { openTransports, type SipTransports } from '../transport/transports.ts'
import { advertisedFor } from './advertised.ts'
import type { CallNodeOptions, CallsOrder, CallsReport, CallsStats } from './calls-message.ts'

/** How often a drain looks whether all is quiet. */
const DRAIN_POLL_MS = 50
/** How long calls hung up by a drain may take to say goodbye: a BYE and its retransmissions, not the whole 64*T1. */
const GOODBYE_MS_MAX = 4_000

/** How the node is built; the engine's class is handed in, so that tests may hand in another. */
export interface CallNodeParts {
  readonly options: CallNodeOptions
  readonly engine: (options: EngineOptions) => CallEngine
  readonly report: (report: CallsReport) => void
  readonly logger: Logger
}

/** A running node. */
export interface CallNode {
  readonly addresses: SipTransports['addresses']
  take(order: CallsOrder): void
}

/** Opens sockets and workers and starts the engine; throws a `StartError` and leaves nothing open otherwise. */
export async function startCallNode(parts: CallNodeParts): Promise<CallNode> {
  const { options, report, logger } = parts
  const offsetMs = wallOffsetMs()
  const guard = lastResort(logger, () => {})
  let step: Step<EngineOutput> = () => {}

  // The workers' threads load while the sockets are opened; if either fails, the other is taken back.
  const [workersStarted, transportsOpened] = await Promise.allSettled([
    startMediaWorkers({
      media: options.media,
      journalFolder: options.journalFolder,
      ...(options.clipsFolder === undefined ? {} : { clipsFolder: options.clipsFolder }),
      wallOffsetMs: offsetMs,
      logger,
    }),
    openTransports({
      listen: options.sip.listen,
      onMessage: (message, flow) => step((at) => engine.receive(at, message, flow)),
      onFailure: (message) => step((at) => engine.sendFailed(at, message)),
      onFlowClosed: (flow) => step((at) => engine.flowClosed(at, flow)),
      logger,
    }),
  ])
  if (workersStarted.status === 'rejected') {
    if (transportsOpened.status === 'fulfilled') await transportsOpened.value.close()
    throw workersStarted.reason
  }
  const workers = workersStarted.value
  if (transportsOpened.status === 'rejected') {
    await workers.terminate()
    throw transportsOpened.reason
  }
  const transports = transportsOpened.value
  workers.onDied((why) => report({ kind: 'broken', why }))

  const media = new WorkerMediaPort({
    links: workers.links,
    kek: options.kek,
    wallOffsetMs: offsetMs,
    onEvent: (event) => {
      reportRecording(event)
      guard('a media event', () => step((at) => engine.media(at, event)))
    },
    onRetired: (segment) => report({ kind: 'retired', segment }),
    logger,
  })

  const engine = parts.engine({
    crypto: nodeCrypto,
    node: options.node,
    boot: options.boot,
    wallOffsetMs: offsetMs,
    product: options.product,
    advertised: advertisedFor(transports.addresses, options.sip.advertisedHost),
    directory: options.directory,
    bindings: options.bindings,
    ...(options.mailboxes === undefined ? {} : { mailboxes: options.mailboxes }),
    limits: options.limits,
  })
  const liveCalls = new LiveCalls()

  function act(output: EngineOutput): void {
    switch (output.kind) {
      case 'transmit':
        transports.send(output.destination, output.message)
        return
      case 'media':
        media.command(output.command)
        return
      case 'reply':
        if (output.id >= 0) report({ kind: 'reply', id: output.id, result: output.result })
        return
      case 'event':
        liveCalls.note(output.event)
        report({ kind: 'event', event: output.event })
        return
      case 'storeBindings': {
        const { token, orgId, deviceId, bindings } = output
        report({ kind: 'storeBindings', token, orgId, deviceId, bindings })
        return
      }
      case 'notice':
        report({ kind: 'notice', notice: output.notice, fields: output.fields ?? {} })
        return
    }
  }

  function reportRecording(event: MediaEvent): void {
    if (event.kind === 'recordingOpened' || event.kind === 'recordingClosed') {
      const kind = event.kind === 'recordingOpened' ? 'opened' : 'closed'
      report({ kind: 'recording', news: { kind, recordingId: event.recording } })
    } else if (event.kind === 'recordingFailed') {
      report({ kind: 'recording', news: { kind: 'failed', recordingId: event.recording, why: event.why } })
    }
  }

  const stop = new AbortController()
  step = drive(engine, now, (output) => guard('an output of the engine', () => act(output)), {
    signal: stop.signal,
    onTickError: (error) =>
      guard('a tick of the engine', () => {
        throw error
      }),
  })

  async function stats(): Promise<CallsStats> {
    const perWorker = await media.workerCounts()
    return {
      engine: engine.counts,
      transport: { ...transports.counts, connections: transports.connections },
      media: perWorker,
    }
  }

  async function drain(graceMs: number): Promise<void> {
    step((at) => engine.drain(at))
    await quiet(engine, now() + graceMs)
    for (const [callId, actor] of liveCalls) {
      step((at) => engine.command(at, -1, { kind: 'hangup', actor, callId }))
    }
    await quiet(engine, now() + GOODBYE_MS_MAX)
    await media.finish()
    stop.abort()
    await transports.close()
    await workers.terminate()
    report({ kind: 'drained' })
  }

  function take(order: CallsOrder): void {
    switch (order.kind) {
      case 'run':
        step((at) => engine.command(at, order.id, order.command))
        return
      case 'directory':
        step((at) => engine.setDirectory(at, order.directory))
        return
      case 'mailbox':
        step((at) => engine.setMailbox(at, order.mailbox))
        return
      case 'stored':
        step((at) => engine.registrationStored(at, order.token, order.stored))
        return
      case 'stats':
        void stats().then((stats) => report({ kind: 'stats', id: order.id, stats }))
        return
      case 'drain':
        void drain(order.graceMs)
        return
    }
  }

  return {
    addresses: transports.addresses,
    take: (order) => guard('an order of the main thread', () => take(order)),
  }
}

/** The calls that stand, by the events about them, so that a drain can hang each up for its own line. */
class LiveCalls {
  readonly #calls = new Map<string, { readonly orgId: string; readonly lineId: string }>()

  note(event: EngineEvent): void {
    if (event.kind !== 'call') return
    const { orgId, lineId } = event
    if (event.event === 'deleted') this.#calls.delete(event.call.callId)
    else this.#calls.set(event.call.callId, { orgId, lineId })
  }

  *[Symbol.iterator](): Generator<[string, { readonly orgId: string; readonly lineId: string }]> {
    yield* Array.from(this.#calls)
  }
}

/** Resolves when the engine holds no session and no recording, or at `until`. */
function quiet(engine: CallEngine, until: Instant): Promise<void> {
  return new Promise((resolve) => {
    function look(): void {
      const { sessions, legs, recordings } = engine.counts
      if ((sessions === 0 && legs === 0 && recordings === 0) || now() >= until || until === NEVER) resolve()
      else setTimeout(look, DRAIN_POLL_MS)
    }
    look()
  })
}

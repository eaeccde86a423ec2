/**
 * The calls thread as the main thread sees it: `CallCommands` and a few orders in, events and news out.
 *
 * HTTP, the database and encoding live on the other side of this message port, so that none of them delays a packet
 * or a SIP answer. If the thread dies the node is broken: everything open is rejected and `onDied` is told, once.
 */
import type { Worker } from 'node:worker_threads'
import type { Logger } from '@tandem/base'
import type {
  Binding,
  CallCommand,
  CallCommands,
  CallResult,
  DirectorySnapshot,
  EngineEvent,
  Mailbox,
} from '@tandem/engine'
import { StartError } from '../start-error.ts'
import { startThread } from '../thread.ts'
import { lastResort } from '../transport/last-resort.ts'
import type { ListenAddress } from '../transport/transports.ts'
import type { CallNodeOptions, CallsOrder, CallsReport, CallsStats, RecordingNews } from './calls-message.ts'

/** A command that got no answer by then gets none: the client hears 503 and may ask for the call's state. */
export const COMMAND_MS_MAX = 10_000
/** Commands that may wait at once; beyond, the engine is too far behind for one more to be of use. */
export const COMMANDS_WAITING_MAX = 10_000
/** How long the end of a drain may take beyond its grace. */
const DRAIN_EXTRA_MS = 15_000

/** What the calls thread is started with, and who hears from it. */
export interface CallsOptions extends CallNodeOptions {
  readonly logger: Logger
  onEvent(event: EngineEvent): void
  onRecording(news: RecordingNews): void
  /** This journal segment will never be written again: it may go once its recordings are published. */
  onSegmentRetired?(segmentName: string): void
  /** Keeps a device's registrations; the phone's 200 waits for it, and a rejection makes it a 503. */
  storeBindings(orgId: string, deviceId: string, bindings: readonly Binding[]): Promise<void>
  /** For the log and a counter. */
  onNotice(notice: string, fields: Readonly<Record<string, string | number>>): void
  /** The thread, or one below it, has ended by itself: exit, and let the supervisor start anew. */
  onDied(why: string): void
}

/** The running calls thread. */
export interface Calls extends CallCommands {
  /** What SIP is bound to, with real port numbers. */
  readonly addresses: readonly ListenAddress[]
  run(command: CallCommand): Promise<CallResult>
  setDirectory(directory: DirectorySnapshot): void
  /** What lies in a mailbox has changed: its owner's phones are told. */
  setMailbox(mailbox: Mailbox): void
  stats(): Promise<CallsStats>
  /** No new calls; waits for the others up to `graceMs`, hangs up the rest, syncs the journals, ends the thread. */
  drain(graceMs: number): Promise<void>
  /** `drain` without grace. */
  close(): Promise<void>
}

type Waiting = {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** Starts the thread; rejects with a `StartError` of one sentence when sockets, ports or folder cannot be used. */
export async function startCalls(options: CallsOptions): Promise<Calls> {
  const { logger, onEvent, onRecording, onSegmentRetired, storeBindings, onNotice, onDied, ...data } = options
  const thread = startThread(new URL('./calls-thread.ts', import.meta.url), {
    name: 'calls',
    workerData: data,
    // A call makes much that lives as long as its set-up: with room for that, little of it is copied.
    resourceLimits: { maxYoungGenerationSizeMb: 96 },
  })
  const guard = lastResort(logger, () => {})
  const waiting = new Map<number, Waiting>()
  let ids = 0
  let state: 'running' | 'ending' | 'ended' = 'running'
  let drained: () => void = () => {}

  function post(order: CallsOrder): void {
    thread.postMessage(order)
  }

  function ask<T>(what: string, order: (id: number) => CallsOrder): Promise<T> {
    if (state === 'ended')
      return Promise.reject(new Error(`The calls thread has ended; ${what} got no answer.`))
    if (waiting.size >= COMMANDS_WAITING_MAX)
      return Promise.reject(new Error(`Too many commands wait; ${what} was refused.`))
    const id = ++ids
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id)
        reject(new Error(`The calls thread did not answer ${what} within ${COMMAND_MS_MAX} ms.`))
      }, COMMAND_MS_MAX)
      waiting.set(id, { resolve: resolve as (value: never) => void, reject, timer }) // The reply to `id` has this type.
      post(order(id))
    })
  }

  function settle(id: number, value: CallResult | CallsStats): void {
    const asked = waiting.get(id)
    if (asked === undefined) return // Too late; the time-out has been told.
    waiting.delete(id)
    clearTimeout(asked.timer)
    asked.resolve(value as never) // See `ask`.
  }

  function end(why: string): void {
    if (state === 'ended') return
    const expected = state === 'ending'
    state = 'ended'
    for (const asked of waiting.values()) {
      clearTimeout(asked.timer)
      asked.reject(new Error(`The calls thread has ended: ${why}.`))
    }
    waiting.clear()
    drained()
    if (!expected) onDied(why)
  }

  function store(report: Extract<CallsReport, { kind: 'storeBindings' }>): void {
    const { token, orgId, deviceId, bindings } = report
    Promise.resolve()
      .then(() => storeBindings(orgId, deviceId, bindings))
      .then(
        () => post({ kind: 'stored', token, stored: true }),
        () => {
          logger.error('A registration could not be stored; the phone is told to try again', { deviceId })
          post({ kind: 'stored', token, stored: false })
        },
      )
  }

  function receive(report: CallsReport): void {
    switch (report.kind) {
      case 'reply':
        settle(report.id, report.result)
        return
      case 'stats':
        settle(report.id, report.stats)
        return
      case 'event':
        onEvent(report.event)
        return
      case 'recording':
        onRecording(report.news)
        return
      case 'retired':
        onSegmentRetired?.(report.segment)
        return
      case 'storeBindings':
        store(report)
        return
      case 'notice':
        onNotice(report.notice, report.fields)
        return
      case 'log':
        logger[report.level](report.message, report.fields)
        return
      case 'drained':
        drained()
        return
      case 'broken':
        void thread.terminate()
        end(report.why)
        return
      case 'ready':
      case 'unable':
        return // Of the start, which is over.
    }
  }

  async function drain(graceMs: number): Promise<void> {
    if (state !== 'running') return
    state = 'ending'
    const done = new Promise<void>((resolve) => {
      drained = resolve
    })
    const late = setTimeout(() => {
      logger.error('The calls thread did not drain in time and is ended as it is', { graceMs })
      drained()
    }, graceMs + DRAIN_EXTRA_MS)
    post({ kind: 'drain', graceMs })
    await done
    clearTimeout(late)
    await thread.terminate()
    end('it was told to')
  }

  thread.on('message', (reports: readonly CallsReport[]) => {
    for (const report of reports) guard('a report of the calls thread', () => receive(report))
  })
  const addresses = await ready(thread)
  thread.on('error', (error) =>
    end(error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error'),
  )
  thread.on('exit', (code) => end(`it ended with code ${code}`))

  return {
    addresses,
    run: (command) => ask<CallResult>(`a ${command.kind} command`, (id) => ({ kind: 'run', id, command })),
    setDirectory: (directory) => post({ kind: 'directory', directory }),
    setMailbox: (mailbox) => post({ kind: 'mailbox', mailbox }),
    stats: () => ask<CallsStats>('for its counts', (id) => ({ kind: 'stats', id })),
    drain,
    close: () => drain(0),
  }
}

/** Waits for the thread's first word. */
function ready(thread: Worker): Promise<readonly ListenAddress[]> {
  return new Promise((resolve, reject) => {
    function hear(reports: readonly CallsReport[]): void {
      for (const report of reports) {
        if (report.kind === 'ready') leave(() => resolve(report.addresses))
        else if (report.kind === 'unable') {
          void thread.terminate()
          leave(() => reject(new StartError(report.why)))
        }
      }
    }
    const fail = (error: unknown): void => leave(() => reject(error))
    const exit = (): void =>
      leave(() => reject(new StartError('The calls thread ended before it was ready.')))
    function leave(then: () => void): void {
      thread.off('message', hear)
      thread.off('error', fail)
      thread.off('exit', exit)
      then()
    }
    thread.on('message', hear)
    thread.on('error', fail)
    thread.on('exit', exit)
  })
}

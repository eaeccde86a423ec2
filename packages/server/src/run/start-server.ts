/**
 * The composition root: the only place that knows all rooms and puts them together. Everything that can fail for a
 * reason outside of the program fails here with a `StartFailure`, before anybody is served.
 *
 * Order matters: keys, database, directory; then what an earlier run left is recovered; then the boot counter is
 * committed and calls are taken; last HTTP opens. A stop goes the other way round.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Logger } from '@tandem/base'
import type { DirectorySnapshot } from '@tandem/engine'
import type { Calls } from '@tandem/io'
import type { Recordings } from '@tandem/recordings'
import { nextBoot } from '@tandem/store'
import { CallRecords } from '../call-records/call-records.ts'
import type { Config } from '../config/settings.ts'
import { openData, type ServerData } from '../data/open-data.ts'
import { Directory } from '../directory/directory.ts'
import { Lines } from '../directory/lines.ts'
import { directoryRevision } from '../directory/revision.ts'
import { loadSnapshot } from '../directory/snapshot.ts'
import { loadBindings, storeBindings } from '../events/bindings.ts'
import { CallEvents } from '../events/call-events.ts'
import { EventHub } from '../events/event-hub.ts'
import { History } from '../history/history.ts'
import type { Services } from '../http/operation.ts'
import type { RecordingRules } from '../http/recordings-port.ts'
import { openLimits } from '../limits/open-limits.ts'
import { openAccess } from '../oauth/access.ts'
import { alarmOfEvent } from '../observe/alarm-sources.ts'
import { Alarms } from '../observe/alarms.ts'
import { Counters } from '../observe/counters.ts'
import { openLog } from '../observe/log.ts'
import { Owners } from '../owners/owners.ts'
import { StartFailure } from '../start-failure.ts'
import { forgetCallers } from '../tokens/callers.ts'
import { makeSetupSecret } from '../tokens/setup-link.ts'
import type { Mailboxes } from '../voicemail/mailboxes.ts'
import { settingsOfCalls } from './calls-options.ts'
import { fillEmptyDirectory, hasDemo } from './first-directory.ts'
import { closeHttp, listenHttp } from './listen-http.ts'
import { openClips } from './open-clips.ts'
import { ServerOperation } from './operation.ts'
import { reloadDirectory, watchDirectory } from './watch-directory.ts'

/** How long a stop waits for recordings that are still being encoded; the next start finishes the others. */
const ENCODING_MS_MAX = 10_000

/** A running server. */
export interface RunningServer {
  readonly config: Config
  readonly data: ServerData
  /** Origin that HTTP really listens on, e.g. `http://127.0.0.1:8080`. */
  readonly httpUrl: string
  /** Origin in links. */
  readonly publicUrl: string
  /** Origin of `/healthz`, `/readyz` and `/metrics` on the management port. */
  readonly managementUrl: string
  /** SIP addresses with real ports, as the settings write them. */
  readonly sipAddresses: readonly string[]
  /** The one-time set-up link, while nobody has a token. */
  readonly setupUrl: string | undefined
  readonly directory: {
    readonly organizations: number
    readonly people: number
    readonly devices: number
    /** Whether the demo entries, with their public passwords, are in it. */
    readonly demo: boolean
  }
  readonly calls: Calls
  readonly recordings: Recordings
  readonly logger: Logger
  /** Applies the configured directory file again; what is wrong with it goes to the log and changes nothing. */
  reloadDirectory(): Promise<void>
  /** Drains: no new calls, the others get `drainSeconds`, journals synced, everything closed. Safe to call twice. */
  stop(): Promise<void>
  /** Resolves with the reason when the server can no longer work and should be started anew. */
  readonly died: Promise<string>
}

/** Starts everything. Throws `StartFailure`. */
export async function startServer(config: Config): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = []
  try {
    return await new Start(config, closers).run()
  } catch (error) {
    for (const close of closers.toReversed()) await close().catch(() => {}) // The first failure is the one to tell.
    const { StartError } = await import('@tandem/io')
    if (error instanceof StartError) throw new StartFailure(error.message, { cause: error })
    throw error
  }
}

class Start {
  readonly #config: Config
  readonly #closers: (() => Promise<void>)[]
  readonly #counters = new Counters()
  #state: 'starting' | 'ready' | 'draining' | 'failed' = 'starting'
  #stopping: Promise<void> | undefined

  constructor(config: Config, closers: (() => Promise<void>)[]) {
    this.#config = config
    this.#closers = closers
  }

  async run(): Promise<RunningServer> {
    const config = this.#config
    const counters = this.#counters
    const alarms: Alarms = new Alarms({ counters, logger: () => logger })
    const logger = await openLog(config.logLevel, counters, () => alarms.errorLogged())
    this.#closers.push(async () => logger.flush())
    const operation = await ServerOperation.open({
      ...{ config, counters, logger, alarms },
      state: () => this.#state,
    })
    this.#closers.push(() => operation.close())
    const limits = openLimits(config, { counters, logger })
    await makeFolder(config.dataFolder)
    const rooms = loadRooms()
    const migrations = rooms.then(({ LIBRARY_MIGRATIONS }) => LIBRARY_MIGRATIONS)
    const died = Promise.withResolvers<string>()
    const data = await openData(config, { logger, exclusive: true, migrations, onLost: died.resolve })
    this.#closers.push(() => data.close())
    alarms.connect(data.db)
    await fillEmptyDirectory(data, config.directoryFile)

    let publicUrl = config.publicUrl.replace(/\/$/, '')
    const { openLibrary, startCalls } = await rooms
    const { sounds, mailboxes } = await openClips(data, config.dataFolder, logger)
    this.#closers.push(() => mailboxes.settled())
    const lines = new Lines(data.db, () => directory.look())
    const recordings = await openLibrary({
      config,
      data,
      logger,
      lines,
      publicUrl: () => publicUrl,
      onVoicemail: (message) => mailboxes.take(message),
      onAlarm: ({ what, recordingId }) => {
        counters.add('tandem_recording_alarms_total', { what })
        alarms.alarm(what, { recordingId })
      },
    })
    this.#closers.push(() => recordings.close())
    await recordings.recover()

    const events = new CallEvents({
      db: data.db,
      counters,
      logger,
      onMailbox: (orgId, lineId) => mailboxes.changed(orgId, lineId),
    })
    const revision = await directoryRevision(data.db)
    const snapshot = await loadSnapshot(data, logger)
    const starting = this.#startCalls(startCalls, {
      data,
      recordings,
      events,
      mailboxes,
      alarms,
      logger,
      snapshot,
      died: died.resolve,
    })
    const http = import('../http/app.ts') // Loads while the calls thread and those below it start.
    http.catch(() => {}) // Awaited below; this only keeps an early failure from being called unhandled.
    const calls = await starting
    this.#closers.push(() => calls.close())
    mailboxes.tell((mailbox) => calls.setMailbox(mailbox))

    const directory = watchDirectory({ data, calls, mailboxes, logger, revision })
    this.#closers.push(async () => directory.stop())

    const live = new EventHub({ db: data.db, listenersMax: config.eventListenersMax })
    const { webhookAllowedNetworks: allowedNetworks, webhookDisableFailures: disableFailures } = config
    const { openWebhooks } = await import('../webhooks/open-webhooks.ts')
    const audit = recordings.audit.statements.bind(recordings.audit)
    const { kek } = data.keys
    const hooks = await openWebhooks({
      db: data.db,
      kek,
      audit,
      counters,
      logger,
      alarms,
      allowedNetworks,
      disableFailures,
    })
    this.#closers.push(() => hooks.close())

    const services: Services = {
      db: data.db,
      webhooks: hooks.webhooks,
      access: openAccess(data.db, config, counters),
      events: live,
      calls: operation.traced(calls),
      recordings,
      alarms,
      rules: rulesOf(config),
      owners: new Owners(data.db),
      directory: new Directory({
        ...{ data, audit: recordings.audit, now: Date.now },
        changed: () => {
          forgetCallers() // A role counts from the next request on.
          return directory.look()
        },
        sipAddresses: () => calls.addresses.map(printListen),
      }),
      lines,
      history: new History(data.db),
      callRecords: new CallRecords(data.db),
      sounds,
      voicemail: mailboxes,
      mwi: mailboxes,
      get publicUrl() {
        return publicUrl
      },
      now: Date.now,
    }
    const app = (await http).buildApp({ services, ...operation.appOptions, ...limits, counters, logger })
    this.#closers.push(() => closeHttp(app))
    const httpUrl = await listenHttp(app, config)
    if (publicUrl === '') publicUrl = httpUrl

    const secret = await makeSetupSecret(data.db, Date.now())
    this.#state = 'ready'
    recordings.start()
    operation.watch({ db: data.db, calls, recordings }, app)
    return {
      config,
      data,
      httpUrl,
      publicUrl,
      managementUrl: operation.managementUrl,
      sipAddresses: calls.addresses.map(printListen),
      setupUrl: secret === undefined ? undefined : `${publicUrl}/setup/${secret}`,
      directory: {
        organizations: snapshot.organizations.length,
        people: snapshot.lines.filter((line) => line.kind === 'person').length,
        devices: snapshot.devices.length,
        demo: await hasDemo(data),
      },
      calls,
      recordings,
      logger,
      reloadDirectory: () => reloadDirectory(data, config, logger),
      stop: () => {
        this.#stopping ??= this.#stop({ calls, events, live, recordings, logger, operation })
        return this.#stopping
      },
      died: died.promise,
    }
  }

  async #startCalls(
    startCalls: Rooms['startCalls'],
    parts: {
      data: ServerData
      recordings: Recordings
      events: CallEvents
      mailboxes: Mailboxes
      alarms: Alarms
      logger: Logger
      snapshot: DirectorySnapshot
      died: (why: string) => void
    },
  ): Promise<Calls> {
    const { data, recordings, events, mailboxes, alarms, logger, snapshot } = parts
    const counters = this.#counters
    return startCalls({
      ...settingsOfCalls(this.#config),
      boot: await nextBoot(data.db, String(this.#config.node)),
      directory: snapshot,
      bindings: await loadBindings(data.db, Date.now()),
      mailboxes: await mailboxes.all(),
      kek: data.keys.kek,
      logger,
      onEvent(event) {
        events.keep(event)
        alarmOfEvent(alarms, event)
        // What was recorded of a call is published when the call is over for its owner.
        if (event.kind === 'call' && event.event === 'deleted') recordings.callEnded(event.call.callId)
      },
      onRecording: (news) => {
        if (news.kind === 'failed') {
          counters.add('tandem_recording_failures_total')
          recordings.failed(news.recordingId, news.why)
        } else if (news.kind === 'opened') recordings.opened(news.recordingId)
        else recordings.closed(news.recordingId)
      },
      onSegmentRetired: (name) => recordings.segmentRetired(name),
      storeBindings: (orgId, deviceId, bindings) => storeBindings(data.db, { orgId, deviceId }, bindings),
      onNotice: (notice, fields) => {
        counters.add('tandem_notices_total', { notice })
        logger.debug('Noticed', { notice, ...fields })
      },
      onDied: (why) => {
        this.#state = 'failed'
        alarms.alarm('calls-ended')
        logger.error('The calls thread has ended; the server stops so that it can be started anew', { why })
        parts.died(`The calls thread has ended (${why})`)
      },
    })
  }

  async #stop(parts: {
    calls: Calls
    events: CallEvents
    live: EventHub
    recordings: Recordings
    logger: Logger
    operation: ServerOperation
  }): Promise<void> {
    const { calls, events, live, recordings, logger, operation } = parts
    if (this.#state === 'ready') this.#state = 'draining'
    logger.info('Draining: no new calls', { graceSeconds: this.#config.drainSeconds })
    live.close()
    await operation.stopWatching()
    await calls.drain(this.#config.drainSeconds * 1_000)
    await events.settled()
    await atMost(ENCODING_MS_MAX, recordings.idle())
    for (const close of this.#closers.toReversed()) await close()
  }
}

type Rooms = Pick<typeof import('@tandem/io'), 'startCalls'> &
  Pick<typeof import('@tandem/recordings'), 'LIBRARY_MIGRATIONS'> &
  typeof import('./open-library.ts')

/** What is loaded while the database thread starts and opens its file. */
async function loadRooms(): Promise<Rooms> {
  const [{ startCalls }, { LIBRARY_MIGRATIONS }, { openLibrary }] = await Promise.all([
    import('@tandem/io'),
    import('@tandem/recordings'),
    import('./open-library.ts'),
  ])
  return { startCalls, openLibrary, LIBRARY_MIGRATIONS }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartFailure(
      `The data folder ${resolve(folder)} cannot be made (${code}): choose another with --data-folder, or make its parent writable.`,
    )
  }
}

function rulesOf(config: Config): RecordingRules {
  return {
    deleteErases: config.deleteErases === 'on',
    reasonOptional: config.reasonOptional === 'on',
    adminsWithoutLinks: config.adminsWithoutLinks === 'on',
  }
}

function printListen(address: {
  readonly transport: string
  readonly host: string
  readonly port: number
}): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${address.transport}:${host}:${address.port}`
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work, late.promise])
  clearTimeout(timer)
}

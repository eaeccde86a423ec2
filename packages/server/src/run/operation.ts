/**
 * What runs beside the server for whoever operates it: alarms with their way into the outbox, the watch over the parts,
 * the management port, the certificate, and the tracer where one is configured.
 */
import type { Logger } from '@tandem/base'
import type { CallCommands } from '@tandem/engine'
import type { Calls } from '@tandem/io'
import type { Recordings } from '@tandem/recordings'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/settings.ts'
import type { AppOptions } from '../http/app.ts'
import type { Health } from '../http/health/health.ts'
import type { Alarms } from '../observe/alarms.ts'
import type { Counters } from '../observe/counters.ts'
import { gaugesOf } from '../observe/gauges.ts'
import { checksOf, type WatchedParts } from '../observe/health-checks.ts'
import { HealthWatch } from '../observe/health-watch.ts'
import type { GaugeReading } from '../observe/metrics.ts'
import type { Tracing } from '../observe/otel.ts'
import { type Management, openManagement } from './management.ts'
import { CertificateWatch, readCertificate, type TlsCertificate } from './tls-certificate.ts'

/** What it is opened with, before anything else of the server is. */
export interface OperationOptions {
  readonly config: Config
  readonly counters: Counters
  readonly logger: Logger
  readonly alarms: Alarms
  readonly state: Health['state']
}

/** The parts that exist once the server has been put together. */
export type OperatedParts = Omit<WatchedParts, 'config' | 'freeBytes' | 'calls' | 'recordings'> & {
  readonly calls: Calls
  readonly recordings: Recordings
}

/** Runs beside one server. */
export class ServerOperation {
  readonly health: Health
  readonly #options: OperationOptions
  readonly #certificate: TlsCertificate | undefined
  readonly #tracing: Tracing | undefined
  #parts: OperatedParts | undefined
  #watch: HealthWatch | undefined
  #certificates: CertificateWatch | undefined
  #management: Management | undefined

  private constructor(
    options: OperationOptions,
    certificate: TlsCertificate | undefined,
    tracing: Tracing | undefined,
  ) {
    this.#options = options
    this.#certificate = certificate
    this.#tracing = tracing
    this.health = {
      state: options.state,
      notReady: () => this.#watch?.notReady ?? [],
      gauges: () => this.#gauges(),
    }
  }

  /** Reads the certificate and opens the management port. Throws `StartFailure`. */
  static async open(options: OperationOptions): Promise<ServerOperation> {
    const { config, counters } = options
    const certificate = await readCertificate(config)
    const tracing =
      config.otlpUrl === '' ? undefined : (await import('../observe/otel.ts')).openTracing(config.otlpUrl)
    const operation = new ServerOperation(options, certificate, tracing)
    operation.#management = await openManagement({ config, counters, health: operation.health })
    return operation
  }

  /** Origin of the management port. */
  get managementUrl(): string {
    return this.#management?.url ?? ''
  }

  /** What the application takes from here. */
  get appOptions(): Pick<AppOptions, 'health' | 'tls' | 'tracer'> {
    return {
      health: this.health,
      ...(this.#certificate === undefined ? {} : { tls: this.#certificate.options }),
      ...(this.#tracing === undefined ? {} : { tracer: this.#tracing }),
    }
  }

  /** The calls with a span for each command; as they are without a tracer. */
  traced(calls: CallCommands): CallCommands {
    return this.#tracing?.traced(calls) ?? calls
  }

  /** The server is put together: from here on its parts are watched. */
  watch(parts: OperatedParts, app: FastifyInstance): void {
    const { alarms, config, logger } = this.#options
    this.#parts = parts
    this.#watch = new HealthWatch({ checks: checksOf({ ...parts, config }), alarms })
    this.#watch.start()
    if (this.#certificate === undefined) return
    this.#certificates = new CertificateWatch({
      settings: config,
      certificate: this.#certificate,
      alarms,
      logger,
      // With a certificate the application's server is one of https.
      use: (options) => (app.server as unknown as import('node:https').Server).setSecureContext(options),
    })
    this.#certificates.start()
  }

  /** Ends the watches while everything they look at still works. */
  async stopWatching(): Promise<void> {
    this.#certificates?.stop()
    await this.#watch?.stop()
    await this.#options.alarms.settled()
  }

  /** Closes the rest. */
  async close(): Promise<void> {
    await this.#tracing?.close()
    await this.#management?.close()
  }

  async #gauges(): Promise<readonly GaugeReading[]> {
    const parts = this.#parts
    const own: GaugeReading[] = [
      {
        name: 'tandem_ready',
        help: 'Whether the server takes work',
        value: this.#options.state() === 'ready' && this.health.notReady?.().length === 0 ? 1 : 0,
      },
      {
        name: 'tandem_alarms_raised',
        help: 'Alarms that last and are not over',
        value: this.#options.alarms.raised.length,
      },
    ]
    const days = this.#certificates?.daysLeft
    if (days !== undefined)
      own.push({
        name: 'tandem_certificate_days_left',
        help: 'Days until the certificate of the REST API ends',
        value: days,
      })
    return parts === undefined ? own : [...own, ...(await gaugesOf(parts.calls, parts.recordings))]
  }
}

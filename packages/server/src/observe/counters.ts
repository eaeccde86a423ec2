/**
 * Counters of the server, kept as plain numbers so that counting costs nothing and idle memory stays small. The metrics
 * page gives them their Prometheus form when somebody asks. Labels come from fixed lists of ours (operation ids, status
 * codes, kinds of alarm), never from a request.
 */

/** What is counted. The text is the help line of the metrics page. */
export const COUNTERS = {
  tandem_http_requests_total: 'Answered HTTP requests by operation and status',
  tandem_http_request_seconds_total: 'Time spent answering HTTP requests, by operation',
  tandem_http_refused_total: 'Requests refused by a limit, by the limit',
  tandem_recording_alarms_total: 'Recordings that could not be made, kept or read, by kind (promise P4)',
  tandem_recording_failures_total: 'Recordings whose journal failed while the call went on',
  tandem_calls_ended_total: 'Conversations that have ended, by cause',
  tandem_calls_unrecorded_total:
    'Calls of lines that are always recorded of which no recording was begun (promise P19)',
  tandem_call_alarms_total: 'Recorded calls that an operator should look at, by kind',
  tandem_notices_total: 'What the call engine and the transports refused or noticed, by kind',
  tandem_storing_failures_total: 'Events, call records and registrations that the database refused',
  tandem_alarms_total: 'Alarms of every kind, each also a line in the log and an event',
  tandem_sign_ins_total: 'Attempts to sign in, by how and outcome (promise P8)',
  tandem_webhook_deliveries_total:
    'Attempts to deliver a webhook that arrived or failed, and deliveries given up, by outcome (promise P14)',
  tandem_webhooks_disabled_total: 'Webhooks that were taken out of service, by reason',
  tandem_log_alarms_total: 'Error lines written to the log',
} as const

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS

/** Most label combinations of one counter; labels are ours, so this only guards against a bug. */
const SERIES_MAX = 1_000

/** One line of a counter. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** All counters of one server. */
export class Counters {
  readonly #series = new Map<
    CounterName,
    Map<string, { labels: Readonly<Record<string, string>>; value: number }>
  >()

  /** Adds `by` to a counter's series. */
  add(name: CounterName, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    const all =
      this.#series.get(name) ?? new Map<string, { labels: Readonly<Record<string, string>>; value: number }>()
    this.#series.set(name, all)
    const key = JSON.stringify(labels)
    const one = all.get(key)
    if (one !== undefined) one.value += by
    else if (all.size < SERIES_MAX) all.set(key, { labels, value: by })
  }

  /** The series of a counter. */
  read(name: CounterName): readonly Series[] {
    return [...(this.#series.get(name)?.values() ?? [])]
  }
}

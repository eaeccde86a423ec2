/**
 * The client: one server, one token, and a resource for each part of the API.
 *
 * Runs wherever `fetch` does: Node, browsers, Deno, Bun. It keeps no global state and needs no closing.
 */
import { type QueryValue, urlOf } from './api.ts'
import { CallMembers } from './call-members.ts'
import { Calls } from './calls.ts'
import { Conference } from './conference.ts'
import { ConvergedRecordings } from './converged-recordings.ts'
import { InvalidArgument } from './error/webex-error.ts'
import { REAL_CLOCK } from './http/clock.ts'
import { type Answer, type Ask, sendForJson, type Transport } from './http/requester.ts'
import { Slots } from './http/slots.ts'
import { MeetingRecordings } from './meeting-recordings.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { Pager } from './pager/pager.ts'
import { People } from './people.ts'
import { PreferredAnswer } from './preferred-answer.ts'
import { RecordingSettings } from './recording-settings.ts'
import { Tandem } from './tandem/tandem.ts'

const BASE_URL = 'https://webexapis.com/v1'
const CONCURRENCY = 10 // As wxc_sdk.
const TIMEOUT_MS = 30_000 // Twice what a click-to-dial command may be waited for, with room for slow links.

/** Query and body of a request that has no method of its own. */
export interface RawRequest {
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly body?: unknown
}

/** A client of the Webex Calling API, of Webex itself or of a Tandem server. */
export class WebexClient {
  /** The caller's own calls, and those of lines on the caller's devices. */
  readonly calls: Calls
  /** The calls of others, for administrators and service apps. */
  readonly callMembers: CallMembers
  readonly conference: Conference
  readonly preferredAnswer: PreferredAnswer
  readonly callRecordingSettings: RecordingSettings
  /** The recordings of calls. */
  readonly convergedRecordings: ConvergedRecordings
  /** The recordings of meetings. */
  readonly recordings: MeetingRecordings
  readonly people: People
  /** What only a Tandem server has: search, imports, compliance, traces, call records, announcements, voicemail. */
  readonly tandem: Tandem
  readonly #transport: Transport

  /** Throws `InvalidArgument` when there is no token or the base URL is none. */
  constructor(options: ClientOptions = {}) {
    const concurrency = positive('concurrency', options.concurrency ?? CONCURRENCY)
    const timeoutMs = positive('timeoutMs', options.timeoutMs ?? TIMEOUT_MS)
    const transport: Transport = {
      baseUrl: baseUrlOf(options.baseUrl ?? BASE_URL),
      token: options.token ?? tokenOfEnvironment(),
      timeoutMs,
      retry: options.retry ?? {},
      slots: new Slots(concurrency),
      fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
      hooks: options.hooks ?? {},
      clock: options.clock ?? REAL_CLOCK,
    }
    this.#transport = transport
    this.calls = new Calls(transport)
    this.callMembers = new CallMembers(transport)
    this.conference = new Conference(transport)
    this.preferredAnswer = new PreferredAnswer(transport)
    this.callRecordingSettings = new RecordingSettings(transport)
    this.convergedRecordings = new ConvergedRecordings(transport)
    this.recordings = new MeetingRecordings(transport)
    this.people = new People(transport)
    this.tandem = new Tandem(transport)
  }

  /** Sends a request that has no method here yet: `client.request('GET', '/devices')`. */
  async request(
    method: Ask['method'],
    path: `/${string}`,
    raw: RawRequest = {},
    options: CallOptions = {},
  ): Promise<Answer> {
    const url = urlOf(this.#transport, path, raw.query)
    return sendForJson(this.#transport, { method, url, body: raw.body, options })
  }

  /** Pages through a list that has no method here yet. */
  paginate<Item>(
    path: `/${string}`,
    query: Readonly<Record<string, QueryValue>> = {},
    options: CallOptions = {},
  ): Pager<Item> {
    return new Pager<Item>(this.#transport, urlOf(this.#transport, path, query), options)
  }
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgument(`${name} must be a whole number above 0`)
}

function baseUrlOf(text: string): URL {
  const trimmed = text.replace(/\/+$/, '')
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined
  const usable = url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
  if (usable && url.pathname !== '/') return url
  throw new InvalidArgument(
    'baseUrl must be an http or https address with the path of the API, such as http://127.0.0.1:8080/v1',
  )
}

function tokenOfEnvironment(): string {
  const host = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } } // Absent in browsers.
  const token = host.process?.env?.['WEBEX_ACCESS_TOKEN']
  if (token !== undefined && token !== '') return token
  throw new InvalidArgument('no token: give the option token or set WEBEX_ACCESS_TOKEN')
}

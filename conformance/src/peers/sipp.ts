/** SIPp with one of our scenarios: an independent SIP stack as caller, callee or registrant. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '../../../tools/child.ts'

const SCENARIOS = fileURLToPath(new URL('../../sipp/', import.meta.url))

/** One SIPp run. */
export interface SippOptions {
  /** Its working folder: tone.ulaw is read from here, logs are left here. */
  readonly folder: string
  /** A file of `conformance/sipp`, without its ending. */
  readonly scenario: string
  readonly port: number
  readonly mediaPort?: number
  readonly domain: string
  /** Lines of the CSV: user, `[authentication ...]` and what else the scenario wants (`field2` ...), `;` between. */
  readonly users?: readonly (readonly [user: string, password: string, ...more: string[]])[]
  /** Calls in all; SIPp ends after them. */
  readonly calls: number
  readonly ratePerSecond?: number
  /** Calls that may stand at the same time; no limit to speak of by default. */
  readonly atOnce?: number
  readonly talkMs?: number
  readonly seconds: number
  readonly server?: number
  readonly keys?: Readonly<Record<string, string>>
  readonly wrapper?: readonly string[]
  /** Where to write every message. */
  readonly messageFile?: string
}

/** Starts SIPp. It exits 0 when every call went as the scenario says. */
export function startSipp(options: SippOptions): Child {
  mkdirSync(options.folder, { recursive: true })
  const args = [
    '-sf',
    join(SCENARIOS, `${options.scenario}.xml`),
    '-i',
    '127.0.0.1',
    '-mi',
    '127.0.0.1',
    '-p',
    String(options.port),
  ]
  if (options.mediaPort !== undefined) args.push('-mp', String(options.mediaPort))
  args.push(
    '-m',
    String(options.calls),
    '-r',
    String(options.ratePerSecond ?? 1),
    '-d',
    String(options.talkMs ?? 0),
  )
  args.push(
    '-nostdin',
    '-timeout',
    String(options.seconds),
    '-timeout_error',
    '-l',
    String(options.atOnce ?? 20_000),
    '-trace_err',
  )
  if (options.messageFile !== undefined) args.push('-trace_msg', '-message_file', options.messageFile)
  args.push('-key', 'domain', options.domain, '-auth_uri', options.domain)
  for (const [key, value] of Object.entries({ expires: '600', ...options.keys }))
    args.push('-key', key, value)
  if (options.users !== undefined) {
    const file = join(options.folder, `${options.scenario}-users.csv`)
    const lines = options.users.map(([user, password, ...more]) =>
      [user, `[authentication username=${user} password=${password}]`, ...more].join(';'),
    )
    writeFileSync(file, `SEQUENTIAL\n${lines.join('\n')}\n`)
    args.push('-inf', file)
  }
  if (options.server !== undefined) args.push(`127.0.0.1:${options.server}`)
  const [command, ...rest] = [...(options.wrapper ?? []), 'sipp', ...args]
  return new Child(`sipp ${options.scenario}`, command ?? 'sipp', rest, { cwd: options.folder })
}

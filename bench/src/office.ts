/**
 * A server with hundreds of people, a bare phone for each and a token for each: where the benchmarks of live calls take
 * place. Person i is at extension 1000 + i and signs in as `p<i>@bench.test`; the first one is an administrator.
 */
import { readConfig } from '@tandem/server'
import { freePorts } from '../../tools/free-ports.ts'
import { Stage } from '../../tools/stage.ts'
import { PhoneFarm } from './phone-farm.ts'

const DOMAIN = 'bench.test'
const FIRST_EXTENSION = 1_000
const GROUP_MAX = 1_000
const SCOPES = [
  'spark:calls_read',
  'spark:calls_write',
  'spark:people_read',
  'spark:recordings_read',
  'spark:recordings_write',
]

/** What an office is to be like. */
export interface OfficeOptions {
  readonly people: number
  /** The recording mode of a person. */
  readonly recording: (person: number) => string
  readonly settings?: Readonly<Record<string, string>>
  /** The phones say that they take talk and hold NOTIFYs. */
  readonly remoteControl?: boolean
  /** Legs beyond one for each person, for people with several calls; these are then dealt out in turn. */
  readonly legsMore?: number
  readonly rtpPorts: number
}

/** One answer of the API, with the time from sending the request to having the whole answer. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly tookMs: number
}

/** The office. Close it when done. */
export class Office {
  readonly stage: Stage
  readonly farm: PhoneFarm
  /** Where the legs of the farm speak from, and how many there are. */
  readonly rtpBase: number
  readonly legs: number
  readonly #tokens: readonly string[]

  private constructor(
    stage: Stage,
    farm: PhoneFarm,
    media: { base: number; legs: number },
    tokens: readonly string[],
  ) {
    this.stage = stage
    this.farm = farm
    this.rtpBase = media.base
    this.legs = media.legs
    this.#tokens = tokens
  }

  /** Starts the server, makes the tokens and registers the phones. */
  static async open(options: OfficeOptions): Promise<Office> {
    const { people, rtpPorts, remoteControl = false, legsMore = 0 } = options
    const stage = await Stage.open({
      directory: directoryOf(options),
      rtpPorts,
      settings: {
        TANDEM_LOG_LEVEL: 'error',
        TANDEM_DRAIN_SECONDS: '1',
        TANDEM_CALLS_MAX: String(Math.max(100, 2 * people)),
        ...options.settings,
      },
    })
    try {
      const tokens = await tokensOf(stage, people)
      const legs = people + legsMore
      const base = await freePorts(2 * legs)
      const farm = await PhoneFarm.start({
        serverPort: stage.sipPort,
        sipPort: await freePorts(2),
        domain: DOMAIN,
        users: Array.from({ length: people }, (_, person) => ({
          name: `p${person}`,
          password: passwordOf(person),
        })),
        rtpBase: base,
        legs,
        ownLegs: legsMore === 0,
        remoteControl,
      })
      return new Office(stage, farm, { base, legs }, tokens)
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  get serverPid(): number {
    return this.stage.server.process.pid ?? 0
  }

  /** What a person dials to reach another one. */
  extension(person: number): string {
    return extensionOf(person)
  }

  /** The token of a person. */
  token(person: number): string {
    return this.#tokens[person] ?? ''
  }

  /** Asks the API as a person. With a body it is a POST. */
  async ask(person: number, path: string, body?: object): Promise<Answer> {
    const startedAt = performance.now()
    const response = await fetch(`${this.stage.url}/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.token(person)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const tookMs = performance.now() - startedAt
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), tookMs }
  }

  /** The gauges and counters of the metrics page; those with labels are summed. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.stage.managementUrl}/metrics`)).text()
    const sums = new Map<string, number>()
    for (const [, name = '', value] of text.matchAll(/^(\w+)(?:\{[^}]*\})? (\S+)$/gm))
      sums.set(name, (sums.get(name) ?? 0) + Number(value))
    return sums
  }

  /** Has every even person call the odd one behind it, a few at a time; resolves when all calls stand. */
  async fill(calls: number, ratePerSecond: number): Promise<void> {
    const waitMs = 1_000 / ratePerSecond
    const all: Promise<void>[] = []
    for (let call = 0; call < calls; call++) {
      const answered = this.farm.call(2 * call, this.extension(2 * call + 1))
      answered.catch(() => {}) // It is looked at below, all together.
      all.push(answered)
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
    await Promise.all(all)
  }

  /** Ends the phones, then the server, then the folder. */
  async close(): Promise<void> {
    await this.farm.stop()
    await this.stage.close()
  }
}

function extensionOf(person: number): string {
  return String(FIRST_EXTENSION + person)
}

function emailOf(person: number): string {
  return `p${person}@${DOMAIN}`
}

function passwordOf(person: number): string {
  return `bench-secret-${person}`
}

function directoryOf({ people, recording }: OfficeOptions): string {
  const all = Array.from({ length: people }, (_, person) => person)
  const lines = all.slice(0, GROUP_MAX).map((person) => `"${extensionOf(person)}"`)
  return [
    'organizations:',
    '  - name: Bench',
    `    domains: [${DOMAIN}]`,
    '    locations: [{ name: Here }]',
    '    people:',
    ...all.map(
      (person) =>
        `      - { email: ${emailOf(person)}, name: Person ${person}, extension: "${extensionOf(person)}", recording: ${recording(person)}, ${person === 0 ? 'roles: [admin, complianceOfficer], ' : ''}devices: [{ name: phone, sipUser: p${person}, sipPassword: ${passwordOf(person)} }] }`,
    ),
    `    pickupGroups: [{ name: All, lines: [${lines}] }]`,
    `    parkGroups: [{ name: All, lines: [${lines}] }]`,
    '',
  ].join('\n')
}

/** Straight into the data folder, as `tandem token create` does, but all of them by one process. */
async function tokensOf(stage: Stage, people: number): Promise<string[]> {
  const { createToken, openOperatorData } = await import('@tandem/server')
  const data = await openOperatorData(readConfig({ flags: { dataFolder: stage.dataFolder }, env: {} }))
  try {
    const tokens: string[] = []
    for (let person = 0; person < people; person++)
      tokens.push((await createToken(data.db, { email: emailOf(person), scopes: SCOPES })).token)
    return tokens
  } finally {
    await data.close()
  }
}

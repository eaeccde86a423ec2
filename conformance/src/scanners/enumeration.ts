/** Case S30: nobody learns which numbers exist, by what is answered or by how long that takes. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SipResponse } from '@tandem/sip'
import { scan } from '../peers/sipvicious.ts'
import { type Besieged, OFFER } from './besieged.ts'
import { NOBODY, USERS } from './house.ts'
import type { Knocker } from './knocker.ts'

/** The numbers that svwar asks for: all that exist here and twice as many that do not; the promise's range on demand. */
const RANGE = process.env['SCANNERS_WHOLE'] === undefined ? '100-399' : '100-9999'
const SCAN_MS_MAX = process.env['SCANNERS_WHOLE'] === undefined ? 30_000 : 600_000
const METHODS = ['REGISTER', 'INVITE', 'OPTIONS'] as const
/** One less than what brings a ban, so that the eleventh answer is never compared with the first. */
const FAILURES = 9
/** Places that the clock is read from; each may fail `FAILURES` times for a user. */
const PLACES = 20
/** How often the measuring is repeated before a difference counts. */
const ROUNDS = 3
/** Promise P8 says one; a machine that does much else at the time needs the other. */
const APART_MS = 1
const APART_MS_MAX = 2

/** Registers the tests; those with SIPVicious need it. */
export function enumeration(house: () => Besieged, without: string | false): void {
  it('S30: svmap sees a server, and no more than its name', { skip: without }, async () => {
    const options = { port: house().stage.sipPort, localPort: 25_100, msMax: SCAN_MS_MAX }
    const { rows } = await scan('svmap', options)
    assert.equal(rows.length, 1)
    house().findings.add('S30', 'svmap', `a server: ${rows[0]?.[1]}`)
  })

  for (const method of METHODS)
    it(`S30: svwar by ${method} over ${RANGE} finds no extension`, { skip: without }, async () => {
      const options = { port: house().stage.sipPort, localPort: 25_110, msMax: SCAN_MS_MAX }
      const { rows, output, ms } = await scan(
        'svwar',
        options,
        ...['-e', RANGE, '-m', method, '--force', '--domain', 'scan.test'],
      )
      assert.deepEqual(rows, [], output)
      assert.match(output, /found nothing/, 'it came to its end')
      // Where nobody is told apart by 401, svwar knows no answer that would mean "nobody", and leaves it at the first.
      const gaveUp = output.includes('unknown response')
      const found = `0 extensions${gaveUp ? ': it gave up, for everybody gets the same' : ` in ${RANGE}`}`
      house().findings.add('S30', `svwar ${method}`, `${found}, ${(ms / 1_000).toFixed(1)} s`)
    })

  it(`S30: every number of ${RANGE} gets one and the same status`, async () => {
    const knocker = await house().knocker('127.0.0.21')
    const [first = 0, last = 0] = RANGE.split('-').map(Number)
    for (const method of METHODS) {
      const statuses = new Set<number>()
      for (let number = first; number <= last; number++) {
        const body = method === 'INVITE' ? { body: OFFER } : {}
        statuses.add((await knocker.ask(method, { user: String(number), ...body })).status)
      }
      const expected = method === 'OPTIONS' ? 200 : 401
      assert.deepEqual([...statuses], [expected], method)
      house().findings.add('S30', `own client, ${method}`, `${expected} to every number of ${RANGE}`)
    }
  })

  it('S30: what is answered is the same for a user and for nobody, header for header', async () => {
    const knocker = await house().knocker('127.0.0.10')
    for (const method of [...METHODS, 'SUBSCRIBE', 'MESSAGE'] as const) {
      const [known, unknown] = [
        await shapeOf(knocker, method, USERS.timing),
        await shapeOf(knocker, method, NOBODY[0]),
      ]
      assert.equal(known, unknown, method)
    }
    const wrong = await Promise.all(
      [USERS.timing, NOBODY[0]].map((user) => knocker.register(user, 'not the word')),
    )
    assert.equal(...(wrong.map(describe) as [string, string])) // As many as were asked.
    house().findings.add('S30', 'own client', 'the same answers for a user and for nobody')
  })

  it('S30: it takes as long for a user as for nobody, with no login and with a wrong one', async () => {
    for (const [what, ask] of [
      ['no login', (knocker: Knocker, user: string) => knocker.ask('REGISTER', { user })],
      ['wrong login', wrongLogin],
    ] as const) {
      const rounds: Timing[] = []
      // A difference that the server makes is in every round; one that the machine makes is not.
      while (rounds.length < ROUNDS && !rounds.some((round) => round.apartMs <= APART_MS))
        rounds.push(await timed(house(), ask, rounds.length + 1))
      const best = rounds.reduce((a, b) => (b.apartMs < a.apartMs ? b : a))
      const verdict = best.apartMs <= APART_MS ? '' : ', MORE than promised'
      const found = `p50 ${best.known.toFixed(2)} ms for a user, ${best.unknown.toFixed(2)} ms for nobody`
      house().findings.add('S30', `own client, ${what}`, found + verdict)
      assert.ok(best.apartMs <= APART_MS_MAX, `${what}: ${found}`)
    }
  })
}

/** Medians of one round, in milliseconds. */
interface Timing {
  readonly known: number
  readonly unknown: number
  readonly apartMs: number
}

/** Asks for a user and for nobody in turn, and in turn the one or the other first, so that what else the machine does meets both. */
async function timed(
  house: Besieged,
  ask: (knocker: Knocker, user: string) => Promise<unknown>,
  round: number,
): Promise<Timing> {
  const times = { known: [] as number[], unknown: [] as number[] }
  let turn = 0
  for (let place = 0; place < PLACES; place++) {
    const knocker = await house.knocker(`127.${round}.1.${place + 1}`)
    await knocker.ask('OPTIONS', { user: NOBODY[1] }) // What the first datagram of a socket costs is nobody's.
    for (let i = 0; i < FAILURES; i++, turn++) {
      const order = turn % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
      for (const who of order) {
        const beganAt = performance.now()
        await ask(knocker, who === 'known' ? USERS.timing : NOBODY[1])
        times[who].push(performance.now() - beganAt)
      }
    }
  }
  const [known, unknown] = [median(times.known), median(times.unknown)]
  return { known, unknown, apartMs: Math.abs(known - unknown) }
}

/** A login that looks right but for the password, under a nonce that was never given: one exchange, to be timed alone. */
function wrongLogin(knocker: Knocker, user: string): Promise<number> {
  return knocker.logIn(user, { realm: 'scan.test', nonce: 'none', password: 'not the word' })
}

async function shapeOf(knocker: Knocker, method: string, user: string): Promise<string> {
  const isOffer = method === 'INVITE'
  const headers = [['Contact', `<sip:${user}@127.0.0.10:${knocker.port}>`] as const]
  return describe(await knocker.ask(method, { user, headers, ...(isOffer ? { body: OFFER } : {}) }))
}

/** Status, and every header without what is drawn by lot or is the question's own. */
function describe(response: SipResponse): string {
  const { flat } = response.headers
  const lines = flat.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${masked(name, flat[index + 1] ?? '')}`] : [],
  )
  return [`${response.status} ${response.reason}`, ...lines].join('\n')
}

function masked(name: string, value: string): string {
  if (['Via', 'From', 'To', 'Call-ID'].includes(name)) return value.length > 0 ? '*' : ''
  return value.replace(/nonce="[^"]*"/, 'nonce="*"')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

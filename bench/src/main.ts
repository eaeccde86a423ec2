/**
 * `npm run bench -- [NAME]`: runs one benchmark, or lists them. Each answers one question beside a peer or a limit
 * measured in the same run, and ends with one line of JSON.
 */
import type { BenchResult } from './result.ts'

interface BenchOptions {
  tiny?: boolean
  minutes?: number
  rows?: number
  postgres?: boolean
}

interface Bench {
  readonly question: string
  load(): Promise<{ run(options: BenchOptions): Promise<BenchResult> }>
}

const BENCHES: Readonly<Record<string, Bench>> = {
  'sip-parse': {
    question: 'how many varied SIP messages a second are parsed, changed and printed on one core?',
    load: () => import('./sip-parse.ts'),
  },
  'call-setup': {
    question: 'how many calls a second are set up and torn down through Tandem, with media ports?',
    load: () => import('./call-setup.ts'),
  },
  relay: {
    question: 'what does relaying one call cost, against rtpengine in the same run?',
    load: () => import('./relay.ts'),
  },
  mix: {
    question: 'what does mixing three parties cost, against relaying as many streams?',
    load: () => import('./mix.ts'),
  },
  encode: {
    question: 'how fast is stereo MP3 made, against the lame program in the same run?',
    load: () => import('./encode.ts'),
  },
  available: {
    question: 'how long from hang-up until a recording is available?',
    load: () => import('./available.ts'),
  },
  'recorded-calls': {
    question:
      'how many recorded calls are carried, everything running, without loss, delay or a wrong recording?',
    load: () => import('./recorded-calls.ts'),
  },
  'command-latency': {
    question: 'how long from a command of the API until its SIP message is on the wire?',
    load: () => import('./command-latency.ts'),
  },
  soak: {
    question: 'does an hour of calls and random commands leave anything behind? (--minutes M)',
    load: () => import('./soak.ts'),
  },
  list: {
    question:
      'how fast is a page of a million recordings, first, deep and by every filter? (--rows N, --postgres)',
    load: () => import('./list.ts'),
  },
  insert: {
    question: 'how many recordings a second are added to the catalogue, against bare SQLite in the same run?',
    load: () => import('./insert.ts'),
  },
  download: {
    question: 'what does a signed download cost, against a bare Node stream of the same file?',
    load: () => import('./download.ts'),
  },
  import: {
    question:
      'how many small files a second are imported, against a bare loop of write, sync, rename? (--files N)',
    load: () => import('./import.ts'),
  },
  webhooks: {
    question: 'how long from an event to its first POST at 200 a second, and with thousands of dead targets?',
    load: () => import('./webhooks.ts'),
  },
  events: {
    question: 'how much memory does one of a thousand listeners of live events take?',
    load: () => import('./events.ts'),
  },
  flood: {
    question: 'what does a flood by one token, ten times over its limit, do to another token?',
    load: () => import('./flood.ts'),
  },
  auth: {
    question: 'what do authentication, rights and limits add to a list request?',
    load: () => import('./auth.ts'),
  },
  footprint: {
    question: 'how much memory does an idle server take, and how soon is it ready?',
    load: () => import('./footprint.ts'),
  },
}

const name = process.argv[2]
if (name === undefined) {
  for (const [each, { question }] of Object.entries(BENCHES)) console.log(`${each.padEnd(16)} ${question}`)
  process.exit(0)
}
const bench = BENCHES[name]
if (bench === undefined) {
  console.error(`There is no benchmark named ${name}. There are: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
const { run } = await bench.load()
const numberAfter = (flag: string): number | undefined => {
  const at = process.argv.indexOf(flag)
  return at < 0 ? undefined : Number(process.argv[at + 1])
}
const minutes = numberAfter('--minutes')
const rows = numberAfter('--rows')
const result = await run({
  tiny: process.argv.includes('--tiny'),
  postgres: process.argv.includes('--postgres'),
  ...(minutes === undefined ? {} : { minutes }),
  ...(rows === undefined ? {} : { rows }),
})
for (const [key, value] of Object.entries(result.details ?? {}))
  console.log(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
console.log(
  `${result.bench}: ${result.value} ${result.unit}; against ${result.against}: ratio ${result.ratio}, goal ${result.goal}: ${result.ok ? 'reached' : 'NOT reached'}`,
)
console.log(JSON.stringify(result))
process.exit(0)

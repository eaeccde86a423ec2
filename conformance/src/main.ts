/**
 * `npm run conform -- [NAME]`: other people's programs and messages against ours; without a name, all of them.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SUITES: Readonly<Record<string, string>> = {
  rfc4475: 'rfc4475/rfc4475.test.ts',
  'sipp-call': 'sipp-call/sipp-call.test.ts',
  'baresip-call': 'baresip-call/baresip-call.test.ts',
  'call-controls': 'call-controls/call-controls.test.ts',
  phones: 'phones/phones.test.ts',
  races: 'races/races.test.ts',
  'wxc-calls': 'wxc-calls/wxc-calls.test.ts',
  recordings: 'recordings/recordings.test.ts',
  postgres: 'postgres/postgres.test.ts',
  s3: 's3/s3.test.ts',
  crash: 'crash/crash.test.ts',
  'disk-full': 'disk-full/disk-full.test.ts',
  'private-logs': 'private-logs/private-logs.test.ts',
  'two-organizations': 'two-organizations/two-organizations.test.ts',
}

const name = process.argv[2]
if (name !== undefined && SUITES[name] === undefined) {
  console.error(`There is no suite named ${name}. There are: ${Object.keys(SUITES).join(', ')}.`)
  process.exit(2)
}
const files = Object.entries(SUITES).filter(([suite]) => name === undefined || suite === name)
const paths = files.map(([, file]) => fileURLToPath(new URL(file, import.meta.url)))
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...paths],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)

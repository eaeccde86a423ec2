/**
 * `npm run conform -- [NAME]`: other people's programs and messages against ours; without a name, all of them. What
 * follows a name is for that suite's own program, which knows a longer form: `npm run conform -- promises --long`.
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
  'wxc-sdk': 'wxc-sdk/wxc-sdk.test.ts',
  schemathesis: 'schemathesis/schemathesis.test.ts',
  recordings: 'recordings/recordings.test.ts',
  postgres: 'postgres/postgres.test.ts',
  s3: 's3/s3.test.ts',
  promises: 'promises/promises.test.ts',
  crash: 'crash/crash.test.ts',
  'disk-full': 'disk-full/disk-full.test.ts',
  'private-logs': 'private-logs/private-logs.test.ts',
  permissions: 'permissions/permissions.test.ts',
  'two-organizations': 'two-organizations/two-organizations.test.ts',
  webhooks: 'webhooks/webhooks.test.ts',
  oauth: 'oauth/oauth.test.ts',
  scanners: 'scanners/scanners.test.ts',
}

/** Programs of suites that take arguments. */
const PROGRAMS: Readonly<Record<string, string>> = {
  promises: 'promises/main.ts',
  webhooks: 'webhooks/main.ts',
}

const [name, ...rest] = process.argv.slice(2)
if (name !== undefined && SUITES[name] === undefined) {
  console.error(`There is no suite named ${name}. There are: ${Object.keys(SUITES).join(', ')}.`)
  process.exit(2)
}
if (name !== undefined && rest.length > 0) {
  const program = PROGRAMS[name]
  if (program === undefined) {
    console.error(`The suite ${name} takes no arguments: ${rest.join(' ')}.`)
    process.exit(2)
  }
  const path = fileURLToPath(new URL(program, import.meta.url))
  const { status } = spawnSync(process.execPath, [path, ...rest], { stdio: 'inherit' })
  process.exit(status ?? 1)
}
const files = Object.entries(SUITES).filter(([suite]) => name === undefined || suite === name)
const paths = files.map(([, file]) => fileURLToPath(new URL(file, import.meta.url)))
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...paths],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)

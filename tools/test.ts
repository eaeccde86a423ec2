/**
 * `npm test`: every test of the repository, quickest proof first. Units in virtual time, then what needs files, databases
 * and threads, then what needs sockets, then whole servers, then other people's programs. Ends with a plain count.
 *
 * `npm test -- units` runs one stage; `npm test -- units packages/sip` only the files below a folder.
 */
import { execFileSync } from 'node:child_process'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { installPeers } from './peers.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** No single file may hang the run. */
const FILE_MS_MAX = 300_000

/** So many files are named at the end of a stage: where its time goes. */
const SLOWEST_NAMED = 8

interface Stage {
  readonly name: string
  readonly files: RegExp
  /** How many files at once: what listens on ports or measures audio runs alone. */
  readonly concurrency: number
}

const STAGES: readonly Stage[] = [
  {
    name: 'units',
    files: /^(?:packages\/(?:base|contract|sip|media|engine|sdk)\/|tools\/|sim\/)/,
    concurrency: 2,
  },
  { name: 'files', files: /^packages\/(?:testing|store|recordings|server)\//, concurrency: 2 },
  { name: 'sockets', files: /^packages\/(?:io|phone|cli)\//, concurrency: 1 },
  {
    name: 'servers',
    files:
      /^conformance\/src\/(?:recordings|postgres|s3|promises|permissions|oauth|webhooks|schemathesis|private-logs|two-organizations|disk-full)\//,
    concurrency: 2,
  },
  { name: 'conformance', files: /^(?:conformance|bench)\//, concurrency: 1 },
]

/** Skips for want of a program or of a right, which a CI machine must have. */
const WANTING = /not installed|no reason given|only root/

interface Count {
  passed: number
  failed: number
  skipped: number
  /** Those of the skipped that CI does not forgive. */
  wanting: number
}

function testFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '')
}

/** Runs one stage, printing what failed or was skipped and why. */
async function runStage(stage: Stage, files: readonly string[], total: Count): Promise<void> {
  const startedAt = performance.now()
  const count: Count = { passed: 0, failed: 0, skipped: 0, wanting: 0 }
  const stream = run({
    files: files.map((file) => `${ROOT}${file}`),
    concurrency: stage.concurrency,
    timeout: FILE_MS_MAX,
  })
  stream.on('test:pass', (test) => {
    if (test.details.type === 'suite') return
    if (test.skip === undefined) count.passed += 1
    else {
      const reason = test.skip === true ? 'no reason given' : String(test.skip)
      count.skipped += 1
      if (WANTING.test(reason)) count.wanting += 1
      console.log(`  skipped: ${test.name}: ${reason}`)
    }
  })
  stream.on('test:fail', (test) => {
    if (test.details.type === 'suite' && test.details.error.message.includes('subtest')) return
    count.failed += 1
    console.log(`  FAILED: ${test.name} (${test.file?.replace(ROOT, '') ?? ''})`)
    console.log(
      String(
        test.details.error.cause instanceof Error ? test.details.error.cause.stack : test.details.error.cause,
      ).replace(/^/gm, '    '),
    )
  })
  stream.on('test:stderr', ({ message }) => process.stderr.write(message))
  const took: { readonly file: string; readonly seconds: number }[] = []
  stream.on('test:summary', ({ file, duration_ms }) => {
    if (file !== undefined) took.push({ file: file.replace(ROOT, ''), seconds: duration_ms / 1_000 })
  })
  for await (const _ of stream);
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
  total.wanting += count.wanting
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `${stage.name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped in ${seconds} s`,
  )
  const slowest = took.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST_NAMED)
  console.log(
    `  slowest: ${slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`).join(', ')}`,
  )
}

const [only, below = ''] = process.argv.slice(2)
const stages = STAGES.filter((stage) => only === undefined || stage.name === only)
if (stages.length === 0) {
  console.error(
    `There is no stage named ${only}. There are: ${STAGES.map((stage) => stage.name).join(', ')}.`,
  )
  process.exit(2)
}
if (stages.some((stage) => stage.name !== 'units')) installPeers()

const total: Count = { passed: 0, failed: 0, skipped: 0, wanting: 0 }
const files = testFiles().filter((file) => file.startsWith(below))
/** The stage of a file is the first that takes it. */
const stageOf = (file: string): Stage | undefined => STAGES.find((stage) => stage.files.test(file))
for (const stage of stages) {
  await runStage(
    stage,
    files.filter((file) => stageOf(file) === stage),
    total,
  )
}
if (process.env['CI'] === 'true' && total.wanting > 0) {
  console.log(`In CI nothing may be skipped for want of a program: ${total.wanting} tests count as failed.`)
  total.failed += total.wanting
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)

/** Schemathesis, which makes requests of an OpenAPI document and holds the answers to it: installed into a folder of its own, and run. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** The version whose options and report are known here. */
const VERSION = '4.32.5'
const FOLDER = join(tmpdir(), `tandem-schemathesis-${VERSION}`)
const INSTALL_MS_MAX = 240_000
const OUTPUT_BYTES_MAX = 64 * 1_024 * 1_024

/** What is held to the document: no fault of the server, and no status, type, header or body that it does not name. */
export const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
] as const

/** Installs it where it is not yet; why it cannot be had, or false. */
export async function withoutSchemathesis(): Promise<string | false> {
  const python = join(FOLDER, 'bin', 'python')
  try {
    if (!existsSync(python)) await run('python3', ['-m', 'venv', FOLDER], { timeout: INSTALL_MS_MAX })
    const isThere = await run(python, ['-c', 'import schemathesis']).then(
      () => true,
      () => false, // It is installed next.
    )
    if (!isThere)
      await run(python, ['-m', 'pip', 'install', '--quiet', `schemathesis==${VERSION}`], {
        timeout: INSTALL_MS_MAX,
      })
    return false
  } catch (error) {
    const last = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    return `schemathesis is not installed (PyPI: schemathesis==${VERSION}): ${last}`
  }
}

/** One run, over one file that holds the document. */
export interface SchemathesisRun {
  /** Where the document is, and where reports may go. */
  readonly folder: string
  readonly document: string
  readonly url: string
  readonly token: string
  /** Names the report. */
  readonly name: string
  readonly seed: number
  readonly phases: readonly ('examples' | 'coverage' | 'fuzzing' | 'stateful')[]
  /** Most cases of one operation that fuzzing makes. */
  readonly examplesMax: number
  /** When the run ends wherever it is, in seconds. */
  readonly secondsMax: number
  /** Further checks. */
  readonly checks?: readonly string[]
  /** Operations that are left out. */
  readonly without: readonly string[]
  /** What else goes on the command line. */
  readonly more?: readonly string[]
}

/** What a run found. */
export interface SchemathesisReport {
  readonly operations: number
  readonly cases: number
  /** What it printed, which has a command to repeat each failure with. */
  readonly output: string
  /** Failures in short: the operation and the check. */
  readonly failures: readonly string[]
  /** What it could not do. */
  readonly errors: readonly string[]
  readonly exitCode: number
}

/** Runs it to its end. */
export async function schemathesis(asked: SchemathesisRun): Promise<SchemathesisReport> {
  const file = join(asked.folder, `${asked.name}.ndjson`)
  const flags = [
    ...['--url', asked.url, '--header', `Authorization: Bearer ${asked.token}`],
    ...['--checks', [...CHECKS, ...(asked.checks ?? [])].join(',')],
    ...['--phases', asked.phases.join(','), '--max-examples', String(asked.examplesMax)],
    ...['--seed', String(asked.seed), '--max-time', String(asked.secondsMax)],
    ...['--generation-database', 'none', '--workers', '1', '--request-timeout', '10'],
    ...['--continue-on-failure', '--no-color', '--warnings', 'off'],
    ...['--report', 'ndjson', '--report-ndjson-path', file],
    ...asked.without.flatMap((id) => ['--exclude-operation-id', id]),
    ...(asked.more ?? []),
  ]
  const limits = { maxBuffer: OUTPUT_BYTES_MAX, cwd: asked.folder }
  const { exitCode, output } = await run(
    join(FOLDER, 'bin', 'schemathesis'),
    ['run', asked.document, ...flags],
    limits,
  ).then(
    ({ stdout }) => ({ exitCode: 0, output: stdout }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      exitCode: error.code ?? 1, // It ends with 1 when it has found something.
      output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  )
  return { ...read(output), output, exitCode, failures: failuresIn(output), errors: errorsIn(output) }
}

function read(output: string): { operations: number; cases: number } {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0)
  return { operations: number(/Tested: (\d+)/), cases: number(/(\d+) generated/) }
}

/** The part of the output under a heading: each operation has a line of its own between underscores. */
function failuresIn(output: string): readonly string[] {
  const part = /=+ FAILURES =+\n([\s\S]*?)(?:\n=+ [A-Z]+ =+|$)/.exec(output)?.[1] ?? ''
  return part.split(/^_+ (?=(?:GET|POST|PUT|DELETE|PATCH|Stateful))/m).flatMap((block) => {
    const operation = /^(.*?) _+$/m.exec(block)?.[1]
    const checks = [...block.matchAll(/^- (.+)$/gm)].map(([, check]) => check)
    return operation === undefined ? [] : [`${operation}: ${[...new Set(checks)].join('; ')}`]
  })
}

function errorsIn(output: string): readonly string[] {
  const part = /=+ ERRORS =+\n([\s\S]*?)(?:\n=+ [A-Z]+ =+|$)/.exec(output)?.[1] ?? ''
  return part.trim() === '' ? [] : [part.trim()]
}

/** The lines of a report, for a look at what was asked. */
export function reportLines(folder: string, name: string): readonly string[] {
  return readFileSync(join(folder, `${name}.ndjson`), 'utf8').split('\n')
}

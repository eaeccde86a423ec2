/**
 * Asks a program for the master key: the setting `keyCommand`, for a vault of secrets, a smart card, a key service. The
 * program is run once at start, without a shell unless the line begins with `sh:`. Whatever goes wrong is one sentence, and
 * nothing that the program printed is ever shown: it may be the key.
 */
import { spawnSync } from 'node:child_process'
import { StartFailure } from '../start-failure.ts'

/** How long the program may take: a person may have to touch a token meanwhile. */
export const KEY_COMMAND_MS_MAX = 30_000
/** Most bytes that it may print: a key has 44 characters. */
export const KEY_OUTPUT_BYTES_MAX = 1_024

const SHELL = 'sh:'

/** What the program printed. Throws `StartFailure`. */
export function runKeyCommand(line: string, limitMs: number = KEY_COMMAND_MS_MAX): string {
  const [program, ...parameters] = wordsOf(line)
  if (program === undefined) throw fault('names no program')
  const { error, status, signal, stdout } = spawnSync(program, parameters, {
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: KEY_OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  })
  const code = error !== undefined && 'code' in error ? String(error.code) : ''
  if (code === 'ETIMEDOUT') throw fault(`took longer than ${limitMs / 1_000} seconds`)
  if (code === 'ENOBUFS') throw fault(`printed more than ${KEY_OUTPUT_BYTES_MAX} bytes`)
  if (error !== undefined) throw fault(`cannot be run (${code === '' ? error.name : code})`)
  if (signal !== null) throw fault(`was ended by ${signal}`)
  if (status !== 0) throw fault(`ended with exit code ${status}`)
  return stdout
}

/** The words of a command line: blanks part them, quotes keep blanks within them. */
export function wordsOf(line: string): string[] {
  if (line.startsWith(SHELL)) return ['/bin/sh', '-c', line.slice(SHELL.length).trim()]
  const words = line.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+)/g)
  return [...words].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) =>
      String(double ?? single ?? ''),
    ),
  )
}

function fault(what: string): StartFailure {
  return new StartFailure(
    `The command of the setting keyCommand ${what}: run it by hand to see why; it must print the master key, 32 bytes in base64.`,
  )
}

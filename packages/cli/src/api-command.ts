/**
 * What all commands that talk to a server have in common: where it is, whose token, the form of the output, and how its
 * refusals are told. A wrong value ends with exit code 2 and help, everything else with 1 and a sentence.
 */
import type { WebexClient } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { CommandFailure } from './failure.ts'
import { loadSdk } from './load.ts'
import { clean, sentence } from './output.ts'

const URL_DEFAULT = 'http://127.0.0.1:8080/v1'

/** Flags of every such command. */
export interface ApiFlags {
  readonly url: string
  readonly token?: string
  readonly json: boolean
}

/** Adds a command with the flags that all of them have. */
export function addApiCommand(parent: Command, words: string, description: string): Command {
  return parent
    .command(words)
    .description(description)
    .addOption(
      new Option('--url <URL>', 'the server, on which the API is under /v1')
        .env('TANDEM_URL')
        .default(URL_DEFAULT),
    )
    .addOption(new Option('--token <TOKEN>', 'bearer token; better in the variable').env('TANDEM_TOKEN'))
    .option('--json', 'print JSON', false)
}

/** Runs `use` with a client for the command's server. Failures of the client come out as sentences. */
export async function withClient<Result>(
  command: Command,
  use: (client: WebexClient) => Promise<Result>,
): Promise<Result> {
  const { url, token } = command.opts<ApiFlags>()
  if (token === undefined || token === '')
    throw new CommandFailure('Give --token or set TANDEM_TOKEN; tandem token create makes one.')
  const { InvalidArgument, WebexClient, WebexError } = await loadSdk()
  try {
    return await use(new WebexClient({ token, baseUrl: apiUrl(url) }))
  } catch (error) {
    if (error instanceof InvalidArgument) command.error(`error: ${error.message}`) // Exit code 2, with help.
    if (error instanceof WebexError) throw new CommandFailure(await sentenceFor(error), { cause: error })
    throw error
  }
}

/** A server named without a path has its API under /v1. */
function apiUrl(url: string): string {
  return URL.canParse(url) && new URL(url).pathname === '/' ? new URL('/v1', url).href : url
}

async function sentenceFor(error: Error): Promise<string> {
  const { ConnectionFailed, TimedOut, Unauthorized, WebexApiError } = await loadSdk()
  if (error instanceof ConnectionFailed) return `${sentence(error.message)} Is it running? --url says where.`
  if (error instanceof TimedOut) return `${sentence(error.message)} It may have been done all the same.`
  if (!(error instanceof WebexApiError)) return sentence(error.message)
  const path = new URL(error.request?.url ?? 'http://unknown').pathname
  const where = `(${error.status} for ${error.request?.method} ${path}, tracking id ${error.trackingId})`
  const next = error instanceof Unauthorized ? ' Make a token with tandem token create.' : ''
  return clean(`${sentence(error.description)} ${where}${next}`)
}

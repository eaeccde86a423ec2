/** Requests to Tandem's own paths (`/tandem/v1`) for which the client has no method: the directory's. */
import type { WebexClient } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, withClient } from './api-command.ts'
import { loadSdk } from './load.ts'

/** Runs `use` with a client whose paths are below `/tandem/v1`, on the server of the command. */
export async function withDirectory<Result>(
  command: Command,
  use: (client: WebexClient) => Promise<Result>,
): Promise<Result> {
  const { url, token = '' } = command.opts<ApiFlags>()
  const base = url.replace(/\/+$/, '').replace(/\/v1$/, '')
  const { WebexClient: Client } = await loadSdk()
  // The usual client has checked the token, and tells failures of this one too.
  return withClient(command, () => use(new Client({ token, baseUrl: `${base}/tandem/v1` })))
}

/** A path with an id in it. */
export function pathOf(...parts: readonly string[]): `/${string}` {
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** The version of the server. */
import { readFile } from 'node:fs/promises'

/** What its package says; read when first asked for. */
export async function serverVersion(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string } // Our own package.
  return version
}

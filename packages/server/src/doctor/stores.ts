/** Can the database be reached, can the store of recordings be written, is the key there, is the clock believed? */
import { existsSync } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatabaseProbe, probeDatabase, StoreError } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import { findMasterKey } from '../keys/master-key.ts'
import { StartFailure } from '../start-failure.ts'
import { codeOf, type DoctorCheck, fail, ok, warn } from './check.ts'

/** Looks at the database, and asks it what it knows of the clock. */
export async function checkDatabase(
  config: Pick<Config, 'dataFolder' | 'databaseUrl'>,
): Promise<DoctorCheck[]> {
  const what = 'Database'
  const url = config.databaseUrl?.reveal()
  const file = join(config.dataFolder, 'tandem.db')
  if (url === undefined && !existsSync(file)) return [ok(what, 'SQLite; the first start makes it')]
  let probe: DatabaseProbe
  try {
    probe = await probeDatabase(url === undefined ? { file } : { url })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return [fail(what, 'cannot be used', error.message)]
  }
  try {
    return [ok(what, `${probe.product}, reached`), await keptTime(probe)]
  } finally {
    await probe.close()
  }
}

/** What the server has noted about jumps of the clock (promise P16). */
async function keptTime(probe: DatabaseProbe): Promise<DoctorCheck> {
  const what = 'Kept time'
  try {
    const [row] = await probe.read('SELECT doubted FROM kept_time')
    if (Number(row?.['doubted'] ?? 0) === 0) return ok(what, 'the clock is believed')
    return warn(
      what,
      'the clock was moved further than can be believed, so nothing is purged',
      'Set the clock right; then confirm it with POST /tandem/v1/storage/acceptClock.',
    )
  } catch {
    return ok(what, 'nothing is noted yet')
  }
}

/** Looks at the store of recordings. */
export async function checkVault(
  config: Pick<Config, 'dataFolder' | 'vaultUrl'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DoctorCheck> {
  const what = 'Store of recordings'
  const { vaultFolder } = await import('@tandem/recordings')
  try {
    const folder = vaultFolder(config.vaultUrl, config.dataFolder)
    if (folder !== undefined) return await checkFolder(what, folder)
  } catch (error) {
    return fail(what, 'cannot be used', error instanceof Error ? error.message : String(error))
  }
  if (!config.vaultUrl.startsWith('s3:'))
    return fail(what, 'is of no kind that is known', 'Write file:FOLDER or s3://BUCKET with --vault-url.')
  return await checkBucket(what, config.vaultUrl, env)
}

async function checkFolder(what: string, folder: string): Promise<DoctorCheck> {
  const file = join(folder, `.doctor-${process.pid}`)
  try {
    await stat(folder)
    const handle = await open(file, 'wx', 0o600)
    await handle.close()
    return ok(what, `${folder} can be written`)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ok(what, `${folder}; the first start makes it`)
    return fail(
      what,
      `${folder} cannot be written (${codeOf(error)})`,
      'Make it writable for the server’s user.',
    )
  } finally {
    await rm(file, { force: true }).catch(() => {})
  }
}

/** How long the endpoint of a bucket may take to answer anything. */
const ANSWER_MS_MAX = 5_000

/** Asks the endpoint for any answer; whether the keys open the bucket is said by a start, in one sentence. */
async function checkBucket(
  what: string,
  vaultUrl: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DoctorCheck> {
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].filter((name) => (env[name] ?? '') === '')
  if (missing.length > 0) return fail(what, 'has no credentials', `Set ${missing.join(' and ')}.`)
  const endpoint = URL.parse(vaultUrl)?.searchParams.get('endpoint')
  if (endpoint === null || endpoint === undefined) return ok(what, 'a bucket of AWS, with credentials')
  try {
    const response = await fetch(endpoint, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    return ok(what, `the endpoint answers (${response.status})`)
  } catch {
    return fail(what, 'its endpoint does not answer', 'Check endpoint in --vault-url, and the network to it.')
  }
}

/** Looks whether the master key is there; its value stays where it is. */
export function checkKey(config: Config): DoctorCheck {
  const what = 'Master key'
  try {
    const key = findMasterKey(config)
    if (key !== undefined)
      return ok(what, key.source === 'file' ? 'in the data folder' : `by the setting ${key.source}`)
    if (!existsSync(join(config.dataFolder, 'tandem.db'))) return ok(what, 'the first start makes it')
    return fail(
      what,
      'is not there, and there are data',
      'Bring back keys/master.key from where you keep its copy.',
    )
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    return fail(what, 'cannot be used', error.message)
  }
}

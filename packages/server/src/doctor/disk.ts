/** Is there room, does a sync reach the disk, and who may read what lies in the data folder? */
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/settings.ts'
import { DISK_FULL_BYTES, DISK_LOW_BYTES, freeBytesOf } from '../observe/health-checks.ts'
import { codeOf, type DoctorCheck, fail, inBytes, ok, warn } from './check.ts'

/** A disk that takes longer holds up every commit: 500 ms is what the journal promises to lose at most. */
const SYNC_MS_MAX = 100
const SYNCS = 5
const PROBE_BYTES = 4_096
/** Files that are looked at in the folder of keys. */
const KEY_FILES_MAX = 100

/** Looks at the data folder. */
export async function checkDisk(config: Pick<Config, 'dataFolder'>): Promise<DoctorCheck[]> {
  const folder = resolve(config.dataFolder)
  const what = `Data folder ${folder}`
  try {
    if (!(await stat(folder)).isDirectory())
      return [fail(what, 'is a file', 'Choose a folder with --data-folder.')]
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      return [fail(what, `cannot be read (${codeOf(error)})`, 'Run this as the user of the server.')]
    return [warn(what, 'is not there yet', 'The first start makes it; run this again then.')]
  }
  return [await room(folder), await synced(folder), ...(await permissions(folder))]
}

async function room(folder: string): Promise<DoctorCheck> {
  const what = 'Disk space'
  const free = await freeBytesOf(folder)
  const found = `${inBytes(free)} free`
  if (free < DISK_FULL_BYTES)
    return fail(what, found, 'Free space: recordings and the database cannot be written.')
  if (free < DISK_LOW_BYTES) return warn(what, found, 'Free space, or let retention purge more.')
  return ok(what, found)
}

/** Writes and syncs a few blocks, as every commit does. */
async function synced(folder: string): Promise<DoctorCheck> {
  const what = 'Writing and syncing'
  const file = join(folder, `.doctor-${process.pid}`)
  try {
    const handle = await open(file, 'wx', 0o600)
    const startedAt = performance.now()
    try {
      for (let sync = 0; sync < SYNCS; sync++) {
        await handle.write(new Uint8Array(PROBE_BYTES))
        await handle.sync()
      }
    } finally {
      await handle.close()
    }
    const ms = (performance.now() - startedAt) / SYNCS
    const found = `${ms.toFixed(1)} ms a sync`
    if (ms <= SYNC_MS_MAX) return ok(what, found)
    return warn(
      what,
      found,
      'Put the data folder on a local SSD: every commit and the journal wait for this.',
    )
  } catch (error) {
    const remedy = 'Make the folder writable for this user, and check that its disk is not mounted read-only.'
    return fail(what, `does not work (${codeOf(error)})`, remedy)
  } finally {
    await rm(file, { force: true })
  }
}

/** Keys and database are for the server's user alone (promise P12). */
async function permissions(folder: string): Promise<DoctorCheck[]> {
  const keys = join(folder, 'keys')
  const names = await readdir(keys).catch(() => [])
  const places = [
    { path: folder, mode: 0o700 },
    ...(names.length === 0 ? [] : [{ path: keys, mode: 0o700 }]),
    ...names.slice(0, KEY_FILES_MAX).map((name) => ({ path: join(keys, name), mode: 0o600 })),
  ]
  const checks: DoctorCheck[] = []
  const owner = (await stat(folder)).uid
  const user = process.getuid?.()
  if (user !== undefined && user !== 0 && user !== owner)
    checks.push(
      warn(
        'Owner',
        `the data folder belongs to user ${owner}, this is ${user}`,
        'Run this as the server’s user.',
      ),
    )
  const found = await Promise.all(
    places.map(async (place) => ({
      ...place,
      is: ((await stat(place.path).catch(absent))?.mode ?? 0) & 0o777,
    })),
  )
  // Behind a closed folder an open file is reached by nobody, until somebody opens the folder.
  const isClosed = found.every(({ mode, is }) => mode !== 0o700 || (is & 0o077) === 0)
  for (const { path, mode, is } of found) {
    if ((is & 0o077) === 0) continue
    const what = `Rights of ${path}`
    const remedy = `Run chmod ${mode.toString(8)} ${path}.`
    const level = isClosed ? 'warn' : 'fail'
    checks.push({ what, level, found: `others may reach it (${is.toString(8)})`, remedy })
  }
  if (checks.every((check) => !check.what.startsWith('Rights')))
    checks.push(ok('Rights of data and keys', 'for their owner alone'))
  return checks
}

/** What is gone meanwhile has no rights to look at. */
function absent(): undefined {
  return undefined
}

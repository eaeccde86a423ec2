/** What a running server looks at: see `health-watch.ts`. */
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Calls } from '@tandem/io'
import { type Recordings, vaultFolder } from '@tandem/recordings'
import { sql } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Finding, HealthCheck } from './health-watch.ts'

/** Below this much free space a disk is nearly full: some hours of thirty recorded calls. */
export const DISK_LOW_BYTES: number = 2 * 1_024 ** 3
/** Below this much nothing more fits: the journal and the database need room to finish what they have begun. */
export const DISK_FULL_BYTES: number = 64 * 1_024 ** 2
/** The store of recordings and the clock are asked at every so many looks: once a minute. */
const SLOW_EVERY = 12

const FINE: Finding = { alarms: [] }

/** The parts that are looked at. */
export interface WatchedParts {
  readonly config: Pick<Config, 'dataFolder' | 'vaultUrl'>
  readonly db: ServerDatabase
  readonly calls: Pick<Calls, 'stats'>
  readonly recordings: Pick<Recordings, 'storage'>
  /** Bytes free on the disk of a folder; the system's own unless a test says otherwise. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** The checks of a server. */
export function checksOf(parts: WatchedParts): readonly HealthCheck[] {
  return [databaseCheck(parts), callsCheck(parts), diskCheck(parts), vaultCheck(parts), clockCheck(parts)]
}

/** How many bytes a process without special rights may still write on the disk of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function databaseCheck({ db }: WatchedParts): HealthCheck {
  return {
    kinds: ['database-unreachable'],
    broken: {
      alarms: ['database-unreachable'],
      notReady: { part: 'database', why: 'it does not answer' },
    },
    async run() {
      await sql`select 1`.execute(db.kysely)
      return FINE
    },
  }
}

function callsCheck({ calls }: WatchedParts): HealthCheck {
  return {
    kinds: ['calls-unreachable'],
    broken: { alarms: ['calls-unreachable'], notReady: { part: 'calls', why: 'they do not answer' } },
    async run() {
      await calls.stats()
      return FINE
    },
  }
}

function diskCheck({ config, freeBytes = freeBytesOf }: WatchedParts): HealthCheck {
  const vault = vaultFolder(config.vaultUrl, config.dataFolder)
  const folders = [
    config.dataFolder,
    join(config.dataFolder, 'journal'),
    ...(vault === undefined ? [] : [vault]),
  ]
  return {
    kinds: ['disk-low', 'disk-full'],
    async run() {
      // A folder that is not there yet is made on a disk that one of the others is on.
      const asked = await Promise.all(folders.map((folder) => freeBytes(folder).catch(() => Infinity)))
      const free = Math.min(...asked)
      if (free < DISK_FULL_BYTES)
        return { alarms: ['disk-low', 'disk-full'], notReady: { part: 'disk', why: 'it is full' } }
      return free < DISK_LOW_BYTES ? { alarms: ['disk-low'] } : FINE
    },
  }
}

function vaultCheck({ config, recordings }: WatchedParts): HealthCheck {
  const folder = vaultFolder(config.vaultUrl, config.dataFolder)
  return {
    kinds: ['vault-unusable'],
    every: folder === undefined ? SLOW_EVERY : 1,
    broken: {
      alarms: ['vault-unusable'],
      notReady: { part: 'vault', why: 'it cannot be reached or written' },
    },
    async run() {
      if (folder === undefined) await recordings.storage()
      else await access(folder, constants.W_OK)
      return FINE
    },
  }
}

function clockCheck({ recordings }: WatchedParts): HealthCheck {
  return {
    kinds: ['clock-doubted'],
    every: SLOW_EVERY,
    async run() {
      return (await recordings.storage()).clockDoubted ? { alarms: ['clock-doubted'] } : FINE
    },
  }
}

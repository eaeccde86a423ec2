/**
 * A whole data folder for tests of keys and backups: the demo directory, recordings of calls and of a meeting with words
 * in them, opened and closed like the server does, without its sockets.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import {
  type Actor,
  type ImportRequest,
  Lame,
  LIBRARY_MIGRATIONS,
  openRecordings,
  type Recording,
  type Recordings,
} from '@tandem/recordings'
import { readConfig } from '../config/read-config.ts'
import type { Config } from '../config/settings.ts'
import { openData, type ServerData } from '../data/open-data.ts'
import { applyDirectory } from '../directory/apply.ts'
import { ringOf } from '../keys/key-ring.ts'
import { demoDirectory } from '../testing/open-test-data.ts'

/** The organisation of its recordings. */
export const ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
/** Who erases and imports. */
export const OFFICER: Actor = { orgId: ORG, personId: 'officer', as: 'complianceOfficer' }

const OWNER: ImportRequest['owner'] = {
  id: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
  type: 'user',
  name: 'Tomas Lind',
  email: 'tomas.lind@example.com',
  locationId: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
}

/** A data folder while it is open. */
export interface OpenHouse {
  readonly data: ServerData
  readonly recordings: Recordings
  close(): Promise<void>
}

/** A data folder in a temporary place, with others beside it. */
export class TestHouse {
  /** Holds all of them. */
  readonly root: string = mkdtempSync(join(tmpdir(), 'tandem-house-'))
  readonly folder: string = join(this.root, 'data')

  /** The configuration of a data folder, the house's own by default. */
  config(flags: Readonly<Record<string, string>> = {}): Config {
    return readConfig({ flags: { dataFolder: this.folder, ...flags } })
  }

  /** A path beside the data folder. */
  path(name: string): string {
    return join(this.root, name)
  }

  /** Opens a data folder as the server does, and finishes what it left. */
  async open(config: Config = this.config()): Promise<OpenHouse> {
    const data = await openData(config, {
      logger: SILENT,
      exclusive: true,
      migrations: LIBRARY_MIGRATIONS,
    })
    try {
      const recordings = await openRecordings({
        db: data.db as never, // The migrations above gave it the tables of recordings.
        dataFolder: config.dataFolder,
        kek: data.keys.kek,
        ring: ringOf(data.keys),
        linkKey: data.keys.linkKey,
        logger: SILENT,
        onAlarm() {},
        storageRegion: 'DE',
        vaultUrl: config.vaultUrl,
        encryption: config.encryption === 'on',
        encoderThreads: 1,
      })
      await recordings.recover()
      const close = async (): Promise<void> => {
        await recordings.close()
        await data.close()
      }
      return { data, recordings, close }
    } catch (error) {
      await data.close()
      throw error
    }
  }

  /** Does something with it open. */
  async within<Result>(work: (house: OpenHouse) => Promise<Result>, config?: Config): Promise<Result> {
    const house = await this.open(config)
    try {
      return await work(house)
    } finally {
      await house.close()
    }
  }

  /** Fills the directory. */
  async furnish({ data }: OpenHouse): Promise<void> {
    await applyDirectory(data, await demoDirectory(), { fileName: 'demo', now: 0 })
  }

  /** Takes in a recording whose topic and transcript hold a word. */
  async add({ recordings }: OpenHouse, word: string, hz: number): Promise<Recording> {
    const file = this.path(`${word}.mp3`)
    writeFileSync(file, await makeSound(hz))
    const request: ImportRequest = {
      owner: OWNER,
      topic: `About ${word}`,
      serviceType: 'calling',
      transcript: {
        language: 'en',
        engine: 'import',
        segments: [{ startMs: 0, endMs: 900, text: `We said ${word} today` }],
      },
    }
    const done = await recordings.imports.importFile(OFFICER, request, file)
    const found = await recordings.get(ORG, done.recordingId ?? '')
    if (found === undefined) throw new Error(`The import ended as ${done.state}: ${JSON.stringify(done)}`)
    return found
  }

  /** Another of its own with the same data folder. */
  copy(): TestHouse {
    const copy = new TestHouse()
    cpSync(this.folder, copy.folder, { recursive: true })
    return copy
  }

  /** Removes everything. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** What a recording sounds like, as it is given out. */
export async function soundOf({ recordings }: Pick<OpenHouse, 'recordings'>, id: string): Promise<Buffer> {
  const opened = await recordings.openFile(id, 'audio')
  return opened === undefined ? Buffer.alloc(0) : Buffer.concat(await opened.stream.toArray())
}

let lame: Promise<Lame> | undefined

async function makeSound(hz: number): Promise<Uint8Array> {
  lame ??= Lame.load()
  const encoder = (await lame).encoder({ channels: 1, rateHz: 8_000, bitsPerSecond: 32_000 })
  const samples = Int16Array.from({ length: 8_000 }, (_, at) =>
    Math.round(9_000 * Math.sin((2 * Math.PI * hz * at) / 8_000)),
  )
  const sound = Buffer.concat([encoder.encode(samples, samples).slice(), encoder.finish().slice()])
  encoder.close()
  return sound
}

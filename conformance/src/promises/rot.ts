/**
 * Promise P5: one bit is flipped in a random place of what is stored, again and again: media sealed and plain with its
 * list, transcripts, wrapped keys, signed manifests. Each must be found by whoever reads and by the scrub's own check,
 * and not one wrong byte may be served on the way. Each is put right again before the next.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Random } from '@tandem/testing'
import { verifyExport } from '../../../packages/cli/src/verify/verify-export.ts'
import type { Actor } from '../../../packages/recordings/src/library.ts'
import { LIST_SUFFIX } from '../../../packages/recordings/src/vault/hashed-form.ts'
import type { Finding } from './finding.ts'
import { type House, openHouse } from './house.ts'
import { sha256 } from './media.ts'
import { ORG } from './protocol.ts'

const OFFICER: Actor = { orgId: ORG, personId: 'officer', as: 'complianceOfficer' }
/** Recordings of a house: enough for flips to meet different files. */
const RECORDINGS = 12

/** Fills a house with recordings, each with a transcript. */
export async function furnish(house: House, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const path = join(house.scratch, `${n}.mp3`)
    writeFileSync(path, house.media.file(n))
    const { recordingId, error } = await house.recordings.imports.importFile(
      OFFICER,
      {
        owner: { id: 'tomas', type: 'user', name: 'Tomas', email: 'tomas@example.com', locationId: 'berlin' },
        topic: `Call ${n}`,
        serviceType: 'calling',
        transcript: { engine: 'test', segments: [{ startMs: 0, endMs: 500, text: `words of ${n}` }] },
      },
      path,
    )
    if (recordingId === undefined) throw new Error(`nothing came of the import: ${error}`)
    await house.recordings.evidence.manifest(ORG, recordingId)
    ids.push(recordingId)
  }
  return ids
}

/** Flips bits, most of them in media. */
export async function flipBits(
  flips: number,
  random: Random,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Finding> {
  const [found, served, faults] = [{ count: 0 }, { bytes: 0 }, [] as string[]]
  let done = 0
  for (const encryption of [true, false]) {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-rot-'))
    const house = await openHouse(join(folder, 'data'), join(folder, 'scratch'), { encryption, jobs: false })
    try {
      const ids = await furnish(house, RECORDINGS)
      const rot = new Rot(house, ids, random, folder)
      for (
        const share = Math.ceil(flips / 2);
        done < (encryption ? share : flips) && performance.now() < until;
        done++
      ) {
        const what = await rot.flip()
        if (what.found) found.count++
        else faults.push(`${what.where} was not found`)
        served.bytes += what.served
        if (what.served > 0) faults.push(`${what.where}: ${what.served} wrong bytes were served`)
      }
      faults.push(...(await rot.whole()))
    } finally {
      await house.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return {
    promise: 'P5',
    did: 'one bit flipped: media sealed and plain, keys, manifests',
    reached: `${found.count} of ${done} found, ${served.bytes} bad bytes served`,
    asked: '1,000 of 1,000 found, 0 served',
    load: done,
    loadMin: 1_000,
    faults,
  }
}

interface Flip {
  readonly where: string
  readonly found: boolean
  /** Wrong bytes that a reader was given. */
  readonly served: number
}

class Rot {
  readonly #house: House
  readonly #ids: readonly string[]
  readonly #random: Random
  readonly #folder: string

  constructor(house: House, ids: readonly string[], random: Random, folder: string) {
    this.#house = house
    this.#ids = ids
    this.#random = random
    this.#folder = folder
  }

  async flip(): Promise<Flip> {
    const die = this.#random.below(20)
    if (die === 0) return await this.#manifest()
    if (die === 1 && this.#house.vault.form === 'sealed') return await this.#key()
    return await this.#media()
  }

  /** Everything reads as it was, after all the flips were taken back. */
  async whole(): Promise<readonly string[]> {
    const faults: string[] = []
    for (const [n, id] of this.#ids.entries()) {
      const { bytes, fault } = await read(this.#house, id)
      if (fault !== undefined || sha256(bytes) !== sha256(this.#house.media.file(n)))
        faults.push(`${id} is not what it was: ${fault ?? 'other bytes'}`)
    }
    return faults
  }

  async #media(): Promise<Flip> {
    const n = this.#random.below(this.#ids.length)
    const id = this.#ids[n] as string // Inside of the list.
    const recording = await this.#house.recordings.find(id)
    const row = await this.#house.db.kysely
      .selectFrom('recording')
      .select(['vault_key', 'storage', 'sha256', 'size_bytes'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const storage = row.storage as 'sealed' | 'hashed' // Of a house that stores in no other form.
    const isList = storage === 'hashed' && this.#random.chance(0.2)
    const name = `${row.vault_key}${isList ? LIST_SUFFIX : ''}`
    const path = join(this.#house.dataFolder, 'vault', name)
    const good = readFileSync(path)
    const [at, bit] = [this.#random.below(good.length), this.#random.below(8)]
    const bad = Buffer.from(good)
    bad[at] = (bad[at] as number) ^ (1 << bit) // Inside of the file.
    writeFileSync(path, bad)
    try {
      const { bytes, fault } = await read(this.#house, id)
      const expected = this.#house.media.file(n)
      const served = wrongBytes(bytes, expected)
      const file = {
        ...{ recordingId: recording?.id ?? id, file: 'media' as const, vaultKey: row.vault_key, storage },
        ...{ sha256: row.sha256, sizeBytes: Number(row.size_bytes) },
      }
      const scrubbed = await this.#house.vault.verify(file).then(
        () => false,
        () => true,
      )
      // What is served whole and right was not hurt where it counts; the scrub must have seen it all the same.
      const isRead = fault !== undefined || (served === 0 && bytes.length === expected.length && isList)
      return { where: `bit ${bit} of byte ${at} of ${name}`, found: isRead && scrubbed, served }
    } finally {
      writeFileSync(path, good)
    }
  }

  async #key(): Promise<Flip> {
    const id = this.#random.pick(this.#ids)
    return await this.#inTable('keys/recordings.keys', 'data_key', 'wrapped', id, async () => {
      const fresh = await openHouse(this.#house.dataFolder, this.#house.scratch, { jobs: false })
      try {
        return (await read(fresh, id)).fault !== undefined
      } finally {
        await fresh.close()
      }
    })
  }

  async #manifest(): Promise<Flip> {
    const id = this.#random.pick(this.#ids)
    const column = this.#random.pick(['body', 'signature'])
    return await this.#inTable('tandem.db', 'recording_manifest', column, id, async () => {
      const stream = await this.#house.recordings.evidence.export(OFFICER, id)
      if (stream === undefined) return false
      const path = join(this.#folder, 'export.tar')
      writeFileSync(path, Buffer.concat(await stream.toArray()))
      return verifyExport(path).faults.length > 0
    })
  }

  /** Flips a bit of one value, has it looked for, and puts it back. A refusal to go on is a finding too. */
  async #inTable(
    file: string,
    table: string,
    column: string,
    id: string,
    look: () => Promise<boolean>,
  ): Promise<Flip> {
    const database = new DatabaseSync(join(this.#house.dataFolder, file), { timeout: 5_000 })
    const key = id.replaceAll('-', '').toLowerCase()
    const where = `${table}.${column} of ${id}`
    try {
      const row = database.prepare(`SELECT ${column} AS value FROM ${table} WHERE id_key = ?`).get(key)
      const value = row?.['value']
      if (value === undefined || value === null) throw new Error(`there is no ${where}`)
      const isText = typeof value === 'string'
      const bytes = Buffer.from(value as string | Uint8Array) // A column of text or of bytes.
      // A flip that leaves no text cannot be stored as text: the low bits of ASCII keep it one.
      const at = this.#random.below(bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << this.#random.below(isText ? 4 : 8)) // Inside of it.
      const set = database.prepare(`UPDATE ${table} SET ${column} = ? WHERE id_key = ?`)
      set.run(isText ? bytes.toString('latin1') : bytes, key)
      try {
        return { where, found: await look().catch(() => true), served: 0 }
      } finally {
        set.run(value, key)
      }
    } finally {
      database.close()
    }
  }
}

/** What a reader gets, and what stopped it. */
async function read(
  house: House,
  id: string,
): Promise<{ readonly bytes: Buffer; readonly fault: string | undefined }> {
  const chunks: Buffer[] = []
  try {
    const opened = await house.recordings.openFile(id, 'audio')
    if (opened === undefined) return { bytes: Buffer.alloc(0), fault: 'nothing there' }
    for await (const chunk of opened.stream) chunks.push(Buffer.from(chunk as Uint8Array))
    return { bytes: Buffer.concat(chunks), fault: undefined }
  } catch (error) {
    return { bytes: Buffer.concat(chunks), fault: String(error) }
  }
}

/** Bytes that are not those of the same place. */
function wrongBytes(given: Uint8Array, expected: Uint8Array): number {
  let wrong = 0
  for (const [at, byte] of given.entries()) if (byte !== expected[at]) wrong++
  return wrong
}

/**
 * Everything that a library holds, as it is found after a start: rows, the bytes that reading gives, files, keys, erased
 * ones, manifests with their signatures, audit rows, events. The harness compares it with the ledger (promises P1, P2).
 */
import { createHash, verify } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { SILENT } from '@tandem/base'
import { readOutbox, type Selectable } from '@tandem/store'
import type { SigningKey } from '../../../packages/recordings/src/audit/audit-log.ts'
import { idKey, recordingOf } from '../../../packages/recordings/src/catalogue/recording.ts'
import type { RecordingTable } from '../../../packages/recordings/src/catalogue/tables.ts'
import { ORPHAN_MS } from '../../../packages/recordings/src/scrub/orphans.ts'
import { Scrub } from '../../../packages/recordings/src/scrub/scrub.ts'
import { PASS_MS } from '../../../packages/recordings/src/scrub/scrub-pace.ts'
import type { House } from './house.ts'
import { type Command, type FoundRecording, KEPT_OWNER, ORG, type Report } from './protocol.ts'

/** Later than any pass of the scrub that may have begun, and than the age at which a file counts as an orphan. */
const PUT_AWAY_MS = 2 * Math.max(ORPHAN_MS, PASS_MS)
/** Steps of a scrub that reads as fast as it can; a pass over some hundred small files takes a few. */
const SCRUB_STEPS_MAX = 1_000

/** Looks at everything; with `putAway` after a scrub for which all files are old, so that orphans are in quarantine. */
export async function reportOf(
  house: House,
  command: Extract<Command, { readonly c: 'report' }>,
): Promise<Report> {
  const { db, recordings } = house
  if (command.putAway) await putAway(house)
  const [rows, keys, signing] = await Promise.all([
    db.kysely.selectFrom('recording').selectAll().execute(),
    keysOf(house),
    recordings.evidence.keys(),
  ])
  const found: FoundRecording[] = []
  for (const row of rows) found.push(await findingOf(house, row, { keys, signing }))
  const erased: string[] = []
  for await (const each of house.keys.listErased()) erased.push(each.idKey)
  const files: string[] = []
  for await (const { key } of house.vault.list()) files.push(key)
  const policies = await recordings.retention.list(ORG)
  return {
    recordings: found,
    erased,
    keys: [...keys],
    files,
    quarantined: (await recordings.storage()).quarantinedFiles,
    audited: await auditedOf(house, command.auditFile),
    events: await eventsOf(house),
    retentionDays: policies.find((policy) => policy.scopeId === KEPT_OWNER)?.keepDays ?? 0,
  }
}

async function findingOf(
  house: House,
  row: Selectable<RecordingTable>,
  { keys, signing }: { readonly keys: ReadonlySet<string>; readonly signing: readonly SigningKey[] },
): Promise<FoundRecording> {
  const transcript = await house.recordings.transcripts.get(ORG, row.id)
  return {
    id: row.id,
    sha256: row.sha256,
    owner: row.owner_id,
    topic: row.topic,
    status: row.status,
    held: Number(row.held),
    vaultKey: row.vault_key,
    keyed: row.storage !== 'sealed' || keys.has(row.id_key),
    read: await readHash(house, recordingOf(row).id),
    manifest: await manifestHash(house, row.id, signing),
    ...(transcript === undefined
      ? {}
      : { transcript: transcript.segments.map(({ text }) => text).join(' ') }),
  }
}

/** The SHA-256 of what is served, or why nothing is. */
export async function readHash(house: House, id: string): Promise<string> {
  return await servedHash(house, id).catch(String)
}

/** The SHA-256 of what is served. */
export async function servedHash(house: House, id: string): Promise<string> {
  const opened = await house.recordings.openFile(id, 'audio')
  if (opened === undefined) return 'nothing there'
  const hash = createHash('sha256')
  for await (const chunk of opened.stream) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

async function manifestHash(house: House, id: string, signing: readonly SigningKey[]): Promise<string> {
  const signed = await house.recordings.evidence.manifest(ORG, id)
  if (signed === undefined) return 'none'
  const key = signing.find(({ keyId }) => keyId === signed.keyId)
  if (key === undefined) return 'signed by nobody'
  const fits = verify(null, Buffer.from(signed.body), key.publicKey, Buffer.from(signed.signature, 'base64'))
  if (!fits) return 'forged'
  return String((JSON.parse(signed.body) as { media: { sha256: string } }).media.sha256)
}

async function keysOf({ db }: House): Promise<ReadonlySet<string>> {
  const keys = db.kysely.withSchema('keys') as unknown as {
    selectFrom(table: 'data_key'): {
      select(column: 'id_key'): { execute(): Promise<readonly { readonly id_key: string }[]> }
    }
  } // Of the key database, whose tables the library does not show.
  return new Set((await keys.selectFrom('data_key').select('id_key').execute()).map((row) => row.id_key))
}

/** Counts the rows of an export, and leaves it in a file for the verifier. */
async function auditedOf({ recordings }: House, file: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const stream = createWriteStream(file)
  for await (const item of recordings.audit.export(ORG, 0, Number.MAX_SAFE_INTEGER)) {
    stream.write(`${JSON.stringify(item)}\n`)
    if ('action' in item) count(counts, `${item.action} ${idKey(item.recordingId ?? '')}`)
  }
  stream.end()
  await once(stream, 'finish')
  return counts
}

async function eventsOf({ db }: House): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let after = 0; ; ) {
    const events = await readOutbox(db, { after, limit: 1_000 })
    for (const { event, key } of events) count(counts, `${event} ${idKey(key)}`)
    const last = events.at(-1)
    if (last === undefined) return counts
    after = last.id
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

async function putAway({ db, vault, recordings }: House): Promise<void> {
  const scrub = new Scrub({
    ...{ db, vault, audit: recordings.audit, logger: SILENT, onAlarm: () => {} },
    isBusy: () => false,
    isMaking: () => false,
  })
  const later = Date.now() + PUT_AWAY_MS
  for (let step = 0; step < SCRUB_STEPS_MAX; step++) {
    // A pass spreads its reading over days; a month later everything of it is due.
    await scrub.step(later + step * 60_000 * 60)
    if ((await scrub.state()).since === undefined) return
  }
  throw new Error('the scrub did not come to the end of its pass')
}

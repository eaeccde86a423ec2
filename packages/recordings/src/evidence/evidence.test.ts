import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { extract } from 'tar-stream'
import { canonicalJson, sha256Hex } from '../audit/canonical-json.ts'
import { onEngines } from '../audit/engines.test.ts'
import { HEAD_ROWS_MAX } from '../audit/sealer.ts'
import { START } from '../audit/test-log.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import type { Manifest } from './manifest.ts'
import { tampered } from './tampering.ts'
import { OFFICER, recordingId, TestEvidence } from './test-evidence.ts'

/** How often each file is tampered with; promise P17 asks for 10,000 in all, the harness sets as many. */
const ROUNDS = Number(process.env['TANDEM_TAMPER_ROUNDS'] ?? 250)
/** Files verified by one process. */
const BATCH = 250

/** The verifier shares no code with this package and is run as a program of its own. */
const VERIFIER = join(import.meta.dirname, '../../../cli/src/verify/verify-export.ts')
const RUN = `import { readFileSync } from 'node:fs'
const { verifyExport } = await import(process.argv[1])
const { paths, keys } = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(paths.map((path) => verifyExport(path, keys))))`

const scratch = mkdtempSync(join(tmpdir(), 'tandem-evidence-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Verdict {
  readonly faults: readonly string[]
  readonly keyIds: readonly string[]
}

/** The verdicts on files with these contents. */
function verdicts(contents: readonly Buffer[], keys: readonly string[] = []): Verdict[] {
  const folder = mkdtempSync(join(scratch, 'v-'))
  const paths = contents.map((bytes, at) => {
    writeFileSync(join(folder, `${at}`), bytes)
    return join(folder, `${at}`)
  })
  try {
    return verdictsOn(paths, keys)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function verdictsOn(paths: readonly string[], keys: readonly string[] = []): Verdict[] {
  const args = ['--input-type=module', '--eval', RUN, VERIFIER]
  const input = JSON.stringify({ paths, keys })
  return JSON.parse(execFileSync(process.execPath, args, { input, maxBuffer: 1e8 }).toString()) as Verdict[]
}

const faultsOf = (bytes: Buffer): readonly string[] => verdicts([bytes])[0]?.faults ?? ['no verdict']

/** The members of a tar, read by somebody else's reader. */
async function unpacked(bytes: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>()
  const reader = extract()
  reader.end(bytes)
  for await (const entry of reader) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    members.set(entry.header.name, Buffer.concat(chunks))
  }
  return members
}

onEngines((address) => {
  let world: TestEvidence
  beforeEach(async () => {
    world = await new TestEvidence(await address()).open()
  })
  afterEach(() => world.remove())

  describe('Manifests (promise P17)', () => {
    const latest = async (id: string): Promise<Manifest> =>
      JSON.parse((await world.manifests.versions('org', id)).at(-1)?.body ?? '{}') as Manifest

    it('says what a recording is made of, what was done and what is missing', async () => {
      const id = await world.add(1)
      const signed = await world.evidence.manifest('org', id)
      const row = await world.db.kysely.selectFrom('recording').selectAll().executeTakeFirstOrThrow()
      const facts = await world.db.kysely
        .selectFrom('recording_facts')
        .select('facts')
        .executeTakeFirstOrThrow()
      const metadata = canonicalJson({ orgId: 'org', id, owner: 'owner' })
      assert.deepEqual(JSON.parse(signed?.body ?? ''), {
        type: 'tandem recording manifest 1',
        version: 1,
        previousHash: '',
        at: START,
        keyId: world.signer.keyId,
        software: '1.2.3',
        recordingId: id,
        orgId: 'org',
        owner: { id: 'owner', type: 'user' },
        origin: 'call',
        createTime: START,
        timeRecorded: START - 9_000,
        stoppedAt: START - 1_000,
        durationMs: 9_000,
        format: 'MP3',
        serviceType: 'calling',
        callSessionId: 'session',
        callId: 'callhalf-1:0',
        media: { sha256: row.sha256, sizeBytes: 1_500 },
        metadata: { sha256: sha256Hex(metadata), sizeBytes: metadata.length },
        facts: { sha256: sha256Hex(facts.facts) },
        actions: [
          { action: 'START', at: START - 9_000 },
          { action: 'PAUSE', at: START - 7_000 },
          { action: 'RESUME', at: START - 5_000 },
          { action: 'PAUSE', at: START - 4_000 },
        ],
        announcements: [{ at: START - 8_900, file: 'begin', level: 'word', heardBy: 2 }],
        pauses: [{ from: START - 7_000, to: START - 5_000 }, { from: START - 4_000 }],
        gaps: [{ from: START - 3_000, to: START - 2_000, why: 'the disk was full' }],
        recovered: true,
        dataKeyId: id.replaceAll('-', ''),
      })
    })

    it('makes a new version for a transcript and a new owner, and none for nothing', async () => {
      const id = await world.add(1)
      for (let n = 0; n < 3; n++) world.manifests.request('org', id)
      await world.manifests.idle()
      await world.addFile(id, 'transcript', 'text/vtt', 'WEBVTT\n')
      await world.manifests.make('org', id)
      world.owner = 'another'
      await world.db.kysely.updateTable('recording').set({ owner_id: 'another' }).execute()
      await Promise.all([world.manifests.make('org', id), world.manifests.make('org', id)])
      const versions = await world.manifests.versions('org', id)
      const bodies = versions.map((version) => JSON.parse(version.body) as Manifest)
      assert.deepEqual(
        bodies.map((body) => [body.version, body.owner.id, body.transcript?.sizeBytes]),
        [
          [1, 'owner', undefined],
          [2, 'owner', 7],
          [3, 'another', 7],
        ],
      )
      const hashes = versions.map((version) => sha256Hex(version.body))
      assert.deepEqual(
        bodies.map((body) => body.previousHash),
        ['', hashes[0], hashes[1]],
      )
    })

    it('makes none for a recording whose media is not the one that it was made for', async () => {
      const id = await world.add(1)
      await world.manifests.make('org', id)
      await world.db.kysely.updateTable('recording').set({ sha256: 'ab' }).execute()
      await assert.rejects(world.manifests.make('org', id), StorageFault)
      await assert.rejects(world.evidence.export(OFFICER, id), StorageFault)
      assert.equal((await latest(id)).version, 1)
    })

    it('makes good after a crash what was left out, and looks at nothing twice', async () => {
      for (let n = 1; n <= 250; n++) await world.add(n, 10)
      await world.manifests.make('org', recordingId(7))
      assert.equal(await world.manifests.complete(), 249)
      await world.add(251)
      assert.equal(await world.manifests.complete(), 1)
      await world.db.kysely.deleteFrom('recording_manifest').execute()
      assert.equal(await world.manifests.complete(), 0, 'those before were seen')
    })

    it('leaves nothing behind of a recording that is erased meanwhile, and shows nothing to others', async () => {
      const id = await world.add(1)
      const select = world.signer.sign.bind(world.signer)
      let erased: Promise<unknown> = Promise.resolve()
      world.signer.sign = (text) => {
        erased = world.db.commit([world.db.kysely.deleteFrom('recording')])
        return select(text)
      }
      await world.manifests.make('org', id)
      await erased
      assert.deepEqual(await world.db.kysely.selectFrom('recording_manifest').selectAll().execute(), [])
      assert.equal(await world.evidence.manifest('org', id), undefined)
      await world.add(2)
      assert.equal(await world.evidence.manifest('other', recordingId(2)), undefined)
      assert.equal(await world.evidence.export({ ...OFFICER, orgId: 'other' }, recordingId(2)), undefined)
    })
  })

  describe('The export of a recording (promise P17)', () => {
    /** With all that there can be. */
    async function full(): Promise<string> {
      const id = await world.add(1, 70_000)
      await world.manifests.make('org', id)
      await world.addFile(id, 'audio', 'audio/mp4', 'sound')
      await world.addFile(id, 'transcript', 'text/vtt', 'WEBVTT\n')
      await world.audited([id])
      return id
    }

    it('holds everything, in one order, and passes', async () => {
      const id = await full()
      const bytes = await world.exported(id)
      const members = await unpacked(bytes)
      assert.deepEqual(
        [...members.keys()],
        [
          ...['keys.json', 'recording.mp3', 'audio.m4a', 'transcript.vtt', 'metadata.json', 'manifest.json'],
          ...['audit.ndjson', 'export.json'],
        ],
      )
      assert.deepEqual(members.get('recording.mp3'), world.files.get(`${id.replaceAll('-', '')} media`))
      assert.deepEqual(verdicts([bytes]), [{ faults: [], keyIds: [world.signer.keyId] }])
    })

    it('tells nothing of other recordings, and proves that nothing of its own was left out', async () => {
      const id = await full()
      const audit = (await unpacked(await world.exported(id))).get('audit.ndjson')?.toString() ?? ''
      assert.doesNotMatch(audit, new RegExp(recordingId(9_000)))
      const items = audit
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { action?: string; content?: string })
      assert.deepEqual(
        items.flatMap((item) => item.action ?? []),
        ['recording.created', 'recording.downloaded', 'recording.exported'],
      )
      assert.equal(items.filter((item) => item.content !== undefined).length, 3)
    })

    it('keeps its proof short in a long log, and follows a second export of the same recording', async () => {
      const id = await world.add(1)
      const other = (count: number) =>
        world.audit.add(
          Array.from({ length: count }, () => ({ actor: OFFICER, action: 'recording.listed' as const })),
        )
      await world.audited([id])
      await other(3 * HEAD_ROWS_MAX)
      await world.audit.settle()
      await world.exported(id)
      await other(2 * HEAD_ROWS_MAX)
      const bytes = await world.exported(id)
      const audit = (await unpacked(bytes)).get('audit.ndjson')?.toString().split('\n') ?? []
      assert.ok(audit.length < 4.1 * HEAD_ROWS_MAX, `${audit.length} lines`)
      assert.deepEqual(faultsOf(bytes), [])
    })

    it('passes after a rotation of the key, and only with the right keys when they were got apart', async () => {
      const id = await full()
      world.now += 1_000
      await world.signer.rotate()
      const bytes = await world.exported(id)
      const keys = (await world.signer.keys()).map((key) => key.publicKey)
      assert.deepEqual(verdicts([bytes], keys)[0]?.faults, [])
      assert.notDeepEqual(verdicts([bytes], keys.slice(0, 1))[0]?.faults, [])
      const stranger = await new TestEvidence().open()
      try {
        const foreign = await stranger.signer.keys()
        const faults =
          verdicts(
            [bytes],
            foreign.map((key) => key.publicKey),
          )[0]?.faults ?? []
        assert.match(faults.join('\n'), /signed with a key that is not trusted here/)
      } finally {
        await stranger.remove()
      }
    })

    it('passes as a folder too, and names what is missing there, changed or added', async () => {
      const members = await unpacked(await world.exported(await full()))
      const folders: string[] = []
      const unpack = (change: (folder: string) => void) => {
        const folder = mkdtempSync(join(scratch, 'folder-'))
        for (const [name, bytes] of members) writeFileSync(join(folder, name), bytes)
        change(folder)
        folders.push(folder)
      }
      const names = [...members.keys()].filter((name) => name !== 'export.json')
      for (const name of names) unpack((folder) => rmSync(join(folder, name)))
      for (const name of names) unpack((folder) => appendFileSync(join(folder, name), ' '))
      unpack((folder) => appendFileSync(join(folder, 'export.json'), ' '))
      unpack((folder) => writeFileSync(join(folder, 'more.txt'), 'more'))
      unpack(() => undefined)
      const found = verdictsOn(folders)
      assert.deepEqual(found.pop()?.faults, [])
      for (const [at, name] of names.entries()) {
        assert.match(found[at]?.faults.join('\n') ?? '', new RegExp(`${name} is missing`))
        assert.match(
          found[at + names.length]?.faults.join('\n') ?? '',
          new RegExp(name.split('.')[0] ?? name),
        )
      }
      assert.equal(found.filter((verdict) => verdict.faults.length === 0).length, 0)
    })

    it('ends with a fault when a file is not what its row says, and never looks whole', async () => {
      const id = await full()
      const key = `${id.replaceAll('-', '')} media`
      const good = world.files.get(key) ?? new Uint8Array()
      const bad = Buffer.from(good)
      bad[60_000] = 1
      for (const bytes of [bad, good.subarray(1), Buffer.concat([good, good])]) {
        world.files.set(key, bytes)
        const stream = await world.evidence.export(OFFICER, id)
        const read: Buffer[] = []
        await assert.rejects(async () => {
          for await (const chunk of stream ?? []) read.push(chunk as Buffer)
        }, StorageFault)
        assert.notDeepEqual(faultsOf(Buffer.concat(read)), [])
      }
      world.files.delete(key)
      assert.equal(await world.evidence.export(OFFICER, id), undefined)
    })

    it('is in the log before its first byte leaves, also when nobody reads it', async () => {
      const id = await full()
      const media = Readable.from([world.files.get(`${id.replaceAll('-', '')} media`)])
      world.opened = () => media
      const stream = await world.evidence.export(OFFICER, id)
      stream?.destroy()
      const { items } = await world.audit.list('org', { action: 'recording.exported', max: 10 })
      assert.deepEqual(
        items.map((row) => [row.actorId, row.recordingId]),
        [['officer', id]],
      )
      while (!media.destroyed) await new Promise((resolve) => setImmediate(resolve)) // Else the test times out.
    })

    it('shows every single line of an audit log that is left out, said twice or moved, heads among them', async () => {
      for (let minute = 0; minute < 3; minute++) {
        await world.audited([recordingId(minute)], 1)
        await world.pass(61_000)
      }
      const whole = (await world.log()).toString().split(/(?<=\n)/)
      assert.ok(whole.filter((line) => line.includes('signature')).length >= 3, 'there are heads between')
      const changed = whole.flatMap((line, at) => [
        whole.toSpliced(at, 1),
        whole.toSpliced(at, 0, line),
        whole.toSpliced(at, 1).toSpliced((at + 1) % whole.length, 0, line),
      ])
      const found = verdicts([whole, ...changed].map((lines) => Buffer.from(lines.join(''))))
      assert.deepEqual(found.shift()?.faults, [])
      const told = whole.with(0, (whole[0] ?? '').replace('"hash":"', '"hash":"f')).join('')
      assert.match(faultsOf(Buffer.from(told)).join('\n'), /Audit row 1 was changed/)
      const missed = found.flatMap((verdict, at) => (verdict.faults.length === 0 ? [at] : []))
      assert.deepEqual(missed, [])
    })

    it('shows every file of an archive that is left out, there twice or moved, also when its header is right', async () => {
      const whole = await world.exported(await full())
      const files: Buffer[] = []
      for (let at = 0; whole[at] !== 0; ) {
        const size = Number.parseInt(whole.toString('latin1', at + 124, at + 135), 8)
        const next = at + 512 + Math.ceil(size / 512) * 512
        files.push(whole.subarray(at, next))
        at = next
      }
      const end = Buffer.alloc(1_024)
      const changed = files.flatMap((file, at) => [
        files.toSpliced(at, 1),
        files.toSpliced(at, 0, file),
        files.toSpliced(at, 1).toSpliced((at + 1) % files.length, 0, file),
      ])
      const found = verdicts([files, ...changed].map((parts) => Buffer.concat([...parts, end])))
      assert.deepEqual(found.shift()?.faults, [])
      const missed = found.flatMap((verdict, at) => (verdict.faults.length === 0 ? [at] : []))
      assert.deepEqual(missed, [])
    })

    it('shows a changed bit anywhere in an archive: headers, padding and end included', async () => {
      const id = await world.add(1, 600)
      await world.audited([id], 1)
      const whole = await world.exported(id)
      const step = 11 // No divisor of a block: every byte of a header is met in one member or another.
      const changed = Array.from({ length: Math.floor(whole.length / step) }, (_, n) => {
        const copy = Buffer.from(whole)
        copy[n * step] = (copy[n * step] as number) ^ (1 << (n % 8)) // Inside the archive.
        return copy
      })
      const found = verdicts(changed)
      const missed = found.flatMap((verdict, n) => (verdict.faults.length === 0 ? [n * step] : []))
      assert.deepEqual(missed, [])
    })

    it(`shows each of ${ROUNDS} changes to an export, and each of ${ROUNDS} to an audit log`, async () => {
      const id = await full()
      for (let n = 2; n < 30; n++) await world.audited([recordingId(n)], 1)
      await world.pass(120_000)
      await world.audited([id], 1)
      const random = new Random(17)
      for (const whole of [await world.exported(id), await world.log()]) {
        assert.deepEqual(faultsOf(whole), [])
        for (let done = 0; done < ROUNDS; ) {
          const changes: { readonly how: string; readonly bytes: Buffer }[] = []
          while (changes.length < Math.min(BATCH, ROUNDS - done)) {
            const change = tampered(random, whole)
            if (change !== undefined) changes.push(change)
          }
          const found = verdicts(changes.map((change) => change.bytes))
          const missed = changes.filter((_, at) => found[at]?.faults.length === 0).map((change) => change.how)
          assert.deepEqual(missed, [])
          assert.equal(found.length, changes.length)
          done += changes.length
        }
      }
    })
  })
})

import assert from 'node:assert/strict'
import { createHash, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Actor } from '../library.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { ADD_SOON_MS_MAX, AUDIT_PAGE_ROWS_MAX } from './audit.ts'
import { AuditBuffer, BUFFER_ENTRIES_FULL, BUFFER_ENTRIES_MAX } from './audit-buffer.ts'
import { contentHash, linkHash } from './audit-chain.ts'
import type { AuditEntry, AuditHead, AuditRow } from './audit-log.ts'
import { canonicalJson } from './canonical-json.ts'
import { onEngines } from './engines.test.ts'
import { HEAD_MS_MAX, HEAD_ROWS_MAX, SEAL_ROWS_MAX } from './sealer.ts'
import { SigningKeyError, SigningKeys } from './signing-keys.ts'
import { openForTest, START, sealForTest, TestLog } from './test-log.ts'

const RECORDING = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'

onEngines((address) => {
  let log: TestLog
  beforeEach(async () => {
    log = await new TestLog(await address()).open()
  })
  afterEach(() => log.remove())

  function actor(orgId: string): Actor {
    return { orgId, personId: 'ada', as: 'complianceOfficer', trackingId: 't-1' }
  }

  function entry(n: number, orgId = 'org'): AuditEntry {
    return { actor: actor(orgId), action: 'recording.read', recordingId: RECORDING, detail: { n } }
  }

  function entries(count: number, orgId = 'org'): AuditEntry[] {
    return Array.from({ length: count }, (_, n) => entry(n, orgId))
  }

  async function exported(orgId = 'org', from = 0, to = Number.MAX_SAFE_INTEGER) {
    return await Array.fromAsync(log.audit.export(orgId, from, to))
  }

  const isHead = (item: AuditRow | AuditHead): item is AuditHead => 'signature' in item
  const rowsOf = (items: readonly (AuditRow | AuditHead)[]) =>
    items.filter((item) => !isHead(item)) as AuditRow[]

  /** Follows the chain by the words of audit-chain.ts, and checks every head. */
  async function assertWhole(items: readonly (AuditRow | AuditHead)[]): Promise<void> {
    const keys = new Map((await log.signer.keys()).map((key) => [key.keyId, key.publicKey]))
    let [seq, hash] = [0, '']
    for (const item of items) {
      if (isHead(item)) {
        const { signature, ...signed } = item
        const text = Buffer.from(`tandem audit head 1\n${canonicalJson(signed)}`)
        assert.ok(verify(null, text, keys.get(item.keyId) ?? '', Buffer.from(signature, 'base64')))
        assert.deepEqual([item.seq, item.hash], [seq, hash])
        continue
      }
      if (seq > 0) assert.deepEqual([item.seq, item.previousHash], [seq + 1, hash])
      assert.equal(item.hash, linkHash(item.previousHash, contentHash(item)))
      ;({ seq, hash } = item)
    }
  }

  describe('Audit (promise P17)', () => {
    it('writes a row in the commit of what it is about, or not at all (storage rule R2)', async () => {
      const doubled = log.db.kysely
        .insertInto('recording_settled')
        .values({ id_key: 'a', how: 'discarded', at: 1 })
      await log.db.commit([doubled, ...log.audit.statements([entry(1)])])
      await assert.rejects(log.db.commit([doubled, ...log.audit.statements([entry(2)])]))
      const { items } = await log.audit.list('org', { max: 10 })
      assert.deepEqual(items, [
        {
          seq: 1,
          id: items[0]?.id,
          orgId: 'org',
          at: START,
          actorId: 'ada',
          as: 'complianceOfficer',
          action: 'recording.read',
          recordingId: RECORDING,
          detail: { n: 1 },
          trackingId: 't-1',
          previousHash: '',
          hash: items[0]?.hash,
        },
      ])
    })

    it('chains the rows of each organisation for itself, without gaps, over commits and restarts', async () => {
      for (let round = 0; round < 3; round++) {
        await Promise.all([log.audit.add(entries(3, 'org')), log.audit.add(entries(2, 'other'))])
        await log.audit.settle()
        await log.audit.add(entries(1, 'org')) // Not sealed when the process dies.
        await log.crash()
        await log.open()
      }
      for (const [orgId, count] of [
        ['org', 12],
        ['other', 6],
      ] as const) {
        const items = await exported(orgId)
        const places = rowsOf(items).map((row) => row.seq)
        assert.deepEqual(
          places,
          Array.from({ length: count }, (_, at) => at + 1),
        )
        await assertWhole(items)
      }
    })

    it('seals and signs at the next start what a crash left, without being asked', async () => {
      await log.audit.add(entries(2))
      await log.audit.settle() // Sealed, but no head covers it yet.
      await log.audit.add(entries(1))
      await log.crash()
      log.now += HEAD_MS_MAX
      await log.open()
      const rows = await log.db.kysely.selectFrom('audit').select('position').execute()
      assert.deepEqual(rows.map((row) => Number(row.position)).toSorted(), [1, 2, 3])
      assert.equal(log.heads.at(-1)?.seq, 3)
    })

    it('seals within a second of a commit that comes late, and then rests', async () => {
      const statements = log.audit.statements([entry(1)])
      await log.pass(5_000)
      await log.db.commit(statements)
      await log.pass(1_000)
      const sealed = await log.db.kysely.selectFrom('audit').select('position').execute()
      assert.deepEqual(
        sealed.map((row) => Number(row.position)),
        [1],
      )
      await log.pass(2 * HEAD_MS_MAX)
      assert.equal(log.waiting, 0, 'nothing is due while nothing happens')
    })

    it('gives a row that shows late the next place, so that no gap and no second chain arises', async () => {
      await log.audit.add([entry(1), entry(2)])
      // As PostgreSQL does: a row with a higher number is seen first.
      await log.db.kysely.updateTable('audit').set({ seq: 90 }).where('seq', '=', 1).execute()
      await log.audit.settle()
      await log.db.kysely
        .insertInto('audit')
        .values({ ...(await rowAsWritten()), seq: 50 })
        .execute()
      await log.audit.settle()
      const items = await exported()
      assert.deepEqual(
        rowsOf(items).map((row) => row.detail['n']),
        [2, 1, 7],
      )
      await assertWhole(items)
    })

    it('has a head signed within a minute while rows come, and tells it to whoever copies heads', async () => {
      await log.audit.add([entry(1)])
      await log.pass(HEAD_MS_MAX - 1_000)
      assert.equal(log.heads.length, 0)
      await log.pass(1_500)
      assert.deepEqual(
        log.heads.map((head) => [head.orgId, head.seq]),
        [['org', 1]],
      )
      for (let minute = 0; minute < 3; minute++) {
        for (let n = 0; n < 12; n++) {
          await log.audit.add([entry(n)])
          await log.pass(5_000)
        }
      }
      assert.ok(log.heads.length >= 4, `${log.heads.length} heads`)
      await assertWhole(await exported())
    })

    it(`signs a head every ${HEAD_ROWS_MAX} rows at least, and seals more than one batch in one go`, async () => {
      await log.audit.add(entries(2 * HEAD_ROWS_MAX + SEAL_ROWS_MAX + 1))
      await log.audit.settle()
      assert.deepEqual(
        log.heads.map((head) => head.seq),
        [HEAD_ROWS_MAX, 2 * HEAD_ROWS_MAX],
      )
      const items = await exported()
      await assertWhole(items)
      assert.equal(rowsOf(items).length, 2 * HEAD_ROWS_MAX + SEAL_ROWS_MAX + 1)
    })

    it('signs on when its clock is set back, and when the copying of heads fails', async () => {
      await log.audit.add([entry(1)])
      await log.pass(HEAD_MS_MAX + 500)
      log.now -= 10 * 365 * 86_400_000
      log.heads.push = () => {
        throw new StorageFault('unreachable', 'the other machine is gone')
      }
      await log.audit.add([entry(2)])
      await log.audit.settle()
      const heads = await log.db.kysely.selectFrom('audit_head').selectAll().execute()
      assert.equal(heads.length, 2)
    })

    it(`writes what nobody waits for within ${ADD_SOON_MS_MAX} ms, in one commit when many come`, async () => {
      log.audit.addSoon(entry(1))
      await log.pass(ADD_SOON_MS_MAX)
      const rows = await log.db.kysely.selectFrom('audit').select('seq').execute()
      assert.equal(rows.length, 1)
      for (let n = 0; n < BUFFER_ENTRIES_FULL; n++) log.audit.addSoon(entry(n))
      await log.pass(0)
      assert.equal((await log.audit.list('org', { max: 1_000 })).items.length, BUFFER_ENTRIES_FULL + 1)
      log.audit.addSoon(entry(2))
      await log.audit.close()
      const all = await log.db.kysely.selectFrom('audit').select('position').execute()
      assert.equal(all.filter((row) => row.position !== null).length, BUFFER_ENTRIES_FULL + 2)
      assert.equal(log.heads.at(-1)?.seq, BUFFER_ENTRIES_FULL + 2)
    })

    it('keeps what nobody waits for while the database does not answer, up to a limit', async () => {
      let [works, written] = [false, 0]
      const buffer = new AuditBuffer(async (statements) => {
        if (!works) throw new Error('the database is away')
        written += statements.length
      }, SILENT)
      const statement = { compile: () => assert.fail('nobody compiles it') }
      for (let n = 0; n < BUFFER_ENTRIES_MAX + 1; n++) buffer.add([statement])
      await buffer.flush()
      assert.equal(buffer.size, BUFFER_ENTRIES_MAX)
      works = true
      await buffer.flush()
      assert.deepEqual([written, buffer.size], [BUFFER_ENTRIES_MAX, 0])
    })

    it('lists newest first by every filter, and pages without repeating or skipping', async () => {
      for (let n = 0; n < 10; n++) {
        log.now = START + n
        await log.audit.add([
          { actor: { ...actor('org'), personId: `p${n % 2}` }, action: n < 5 ? 'recording.read' : 'refused' },
          entry(n, 'other'),
        ])
      }
      await log.audit.add([entry(10)])
      const seqs = async (query: object) =>
        (await log.audit.list('org', { max: 100, ...query })).items.map((row) => row.seq)
      assert.deepEqual(await seqs({}), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
      assert.deepEqual(await seqs({ from: START + 2, to: START + 4 }), [4, 3])
      assert.deepEqual(await seqs({ action: 'refused' }), [10, 9, 8, 7, 6])
      assert.deepEqual(await seqs({ actorId: 'p1', action: 'refused' }), [10, 8, 6])
      assert.deepEqual(await seqs({ recordingId: RECORDING.toUpperCase().replaceAll('-', '') }), [11])
      const seen: number[] = []
      for (let before: number | undefined; ; ) {
        const page = await log.audit.list('org', { max: 4, ...(before === undefined ? {} : { before }) })
        seen.push(...page.items.map((row) => row.seq))
        before = page.next
        if (before === undefined) break
        await log.audit.add([entry(99)])
      }
      assert.deepEqual(seen, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    })

    it(`gives pages of 1 to ${AUDIT_PAGE_ROWS_MAX}`, async () => {
      await log.audit.add(entries(AUDIT_PAGE_ROWS_MAX + 1))
      assert.equal((await log.audit.list('org', { max: 0 })).items.length, 1)
      const page = await log.audit.list('org', { max: AUDIT_PAGE_ROWS_MAX + 1 })
      assert.equal(page.items.length, AUDIT_PAGE_ROWS_MAX)
      assert.equal(page.next, 2)
    })

    it('exports the whole stretch of a span of time, closed by a head that counts and hashes it', async () => {
      for (const [n, at] of [5, 1, 9, 3, 20].entries()) {
        log.now = START + at
        await log.audit.add([entry(n)])
      }
      const items = await exported('org', START + 1, START + 6)
      assert.deepEqual(
        rowsOf(items).map((row) => row.detail['n']),
        [0, 1, 2, 3],
        'what lies between is shown',
      )
      await assertWhole(items)
      const closing = items.at(-1) as AuditHead
      const lines = items.slice(0, -1).map((item) => `${JSON.stringify(item)}\n`)
      assert.deepEqual(closing.closes, {
        from: START + 1,
        to: START + 6,
        rows: 4,
        sha256: createHash('sha256').update(lines.join('')).digest('hex'),
        keys: await log.signer.keys(),
      })
    })

    it('exports nothing but a signed head where nothing happened', async () => {
      const items = await exported('nobody')
      assert.equal(items.length, 1)
      assert.equal((items[0] as AuditHead).closes?.rows, 0)
      await assertWhole(items)
    })

    it('stands in for a row by the hash of its content', async () => {
      await log.audit.add([entry(1), entry(2)])
      const [first, second] = rowsOf(await exported())
      assert.ok(first && second)
      assert.equal(second.hash, linkHash(linkHash('', contentHash(first)), contentHash(second)))
    })

    /** A row as an open transaction may show it late. */
    async function rowAsWritten() {
      const { id: _, ...row } = await log.db.kysely
        .selectFrom('audit')
        .selectAll()
        .limit(1)
        .executeTakeFirstOrThrow()
      const unsealed = { position: null, previous_hash: null, hash: null }
      return { ...row, ...unsealed, id: 'late', detail: '{"n":7}' }
    }
  })

  describe('SigningKeys', () => {
    const options = () => ({ db: log.db, now: () => log.now, seal: sealForTest, open: openForTest })

    it('makes one key at the first start, and finds it again', async () => {
      const again = await SigningKeys.open(options())
      assert.equal(again.keyId, log.signer.keyId)
      assert.match(again.keyId, /^[0-9a-f]{16}$/)
      assert.equal((await again.keys()).length, 1)
    })

    it('keeps the public halves of keys that were in use, and what they signed stays good', async () => {
      await log.audit.add([entry(1)])
      await exported()
      log.now += 1_000
      const old = log.signer.keyId
      const keyId = await log.signer.rotate()
      await log.audit.add([entry(2)])
      await assertWhole(await exported())
      const keys = await log.signer.keys()
      assert.deepEqual(
        keys.map((key) => [key.keyId, key.until]),
        [
          [old, START + 1_000],
          [keyId, undefined],
        ],
      )
      assert.equal((await SigningKeys.open(options())).keyId, keyId)
    })

    it('says what to do when the key-encryption key is another one', async () => {
      const open = () => undefined
      await assert.rejects(SigningKeys.open({ ...options(), open }), (error: unknown) => {
        assert.ok(error instanceof SigningKeyError)
        assert.match(error.message, /start with the key file that this data folder was made with/)
        return true
      })
    })

    it('seals its key again under another key-encryption key', async () => {
      const seal = (context: string, text: string) => sealForTest(`new ${context}`, text)
      await log.signer.reseal(seal)
      await assert.rejects(SigningKeys.open(options()), SigningKeyError)
      const open = (context: string, sealed: Uint8Array) => openForTest(`new ${context}`, sealed)
      assert.equal((await SigningKeys.open({ ...options(), open })).keyId, log.signer.keyId)
    })
  })
})

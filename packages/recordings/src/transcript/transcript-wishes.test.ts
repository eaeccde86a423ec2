import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Compilable, Database } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import { makeWav } from '../import/test-media.ts'
import type { LibraryTables } from '../migrations.ts'
import type { Recordings } from '../recordings.ts'
import { OPENING, ORG, TestNode } from '../test-node.ts'
import type { Transcriber } from './transcriber.ts'

/** Never hears anything: what is asked here is whether it is asked at all. */
const DEAF: Transcriber = { transcribe: () => Promise.reject(new Error('deaf')) }
const OWNER = {
  id: OPENING.ownerId,
  type: 'user',
  name: 'Tomas Lind',
  email: 'tomas@example.com',
  locationId: OPENING.locationId,
} as const

describe('a wish for a transcript', () => {
  let node: TestNode
  let answer: () => Promise<boolean>
  let recordings: Recordings
  /** What each commit of a new recording wrote besides. */
  let commits: string[]

  beforeEach(async () => {
    node = new TestNode()
    commits = []
    answer = async () => true
    const opened = await node.openDatabase()
    const db: Database<LibraryTables> = new Proxy(opened, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (name !== 'commit') return typeof value === 'function' ? value.bind(target) : value
        return (statements: readonly Compilable[]) => {
          const tables = statements.map((each) => /^insert into "(\w+)"/.exec(each.compile().sql)?.[1] ?? '')
          if (tables.includes('recording'))
            commits.push(tables.filter((each) => each.endsWith('transcript')).join())
          return target.commit(statements)
        }
      },
    })
    recordings = await node.start({
      db,
      transcriber: { transcriber: DEAF, concurrency: 1, pricePerMinute: 0 },
      wantsTranscript: () => answer(),
    })
  })
  afterEach(() => node.remove())

  async function call(): Promise<string> {
    const id = randomUUID()
    node.call(id)
    recordings.opened(id)
    recordings.closed(id)
    await recordings.idle()
    return id
  }

  it('stands in the commit that makes the recording of a call, so that no crash comes between', async () => {
    const id = await call()
    assert.deepEqual(commits, ['recording_transcript'])
    const row = await node.db?.kysely.selectFrom('recording_transcript').select('id_key').executeTakeFirst()
    assert.equal(row?.id_key, idKey(id))
  })

  it('stands in the commit that makes an imported recording', async () => {
    const path = join(node.folder, 'one.wav')
    writeFileSync(path, makeWav())
    const actor = { orgId: ORG, personId: OWNER.id, as: 'admin' } as const
    const { state } = await recordings.imports.importFile(
      actor,
      { owner: OWNER, topic: 'One', serviceType: 'calling' },
      path,
    )
    assert.equal(state, 'done')
    assert.deepEqual(commits, ['recording_transcript'])
  })

  it('is not there when the owner has none, and does not hold a recording up when nobody can say', async () => {
    answer = async () => false
    await call()
    answer = () => Promise.reject(new Error('the directory is away'))
    await call()
    assert.deepEqual(commits, ['', ''])
  })
})

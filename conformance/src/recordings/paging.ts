/**
 * Paging (contract README §5): walks through a list with pages of random sizes, while others delete, restore, erase and
 * reassign recordings under it, meet every recording that stays exactly once, in order, and none twice.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Random } from '@tandem/testing'
import type { CallerName } from './cast.ts'
import type { House, Seeder } from './house.ts'
import { Media } from './media.ts'
import { LONG_AGO, OWNERS } from './states.ts'

/** Files of these tests; others have other numbers. */
const FIRST = 100_000
/** Recordings of one millisecond: ties are told apart by id. */
const TIES = 3
/** Every so many stays as it is; the others come and go. */
const STAYS_EVERY = 2
const SEED = Number(process.env['PAGING_SEED'] ?? 1)
const DAY_MS = 86_400_000
const FROM = LONG_AGO - 20 * DAY_MS
/** Files that are added while others walk, and how far over the list they are spread. */
const COMING = 200_000
const COMING_SECONDS = 600
/** Fewer changes under the walks are no test: they go on until there are so many. */
const CHANGES_MIN = 40
/** Recordings that one writer moves at a time. */
const BATCH = 7

/** The recordings of these tests. */
export class PagedSet {
  readonly stays: string[] = []
  readonly comes: string[] = []

  async fill(seeder: Seeder, media: Media, count: number): Promise<void> {
    const one = async (n: number): Promise<void> => {
      const id = await seeder.add(media.mp3(FIRST + n), {
        owner: OWNERS.owner,
        topic: `Page ${n}`,
        createTime: FROM + Math.floor(n / TIES) * 1_000,
        serviceType: 'calling',
      })
      if (n % STAYS_EVERY === 0) this.stays.push(id)
      else this.comes.push(id)
    }
    await Promise.all(Array.from({ length: count }, (_, n) => one(n)))
  }
}

interface Listed {
  readonly id: string
  readonly createTime: string
}

/** The test. */
export function pagingTests(house: () => House, set: PagedSet): void {
  it(`never repeats, skips or ends early while recordings come and go (PAGING_SEED=${SEED})`, async (test) => {
    const media = await Media.load()
    const random = new Random(SEED)
    let isOver = false
    let changes = 0
    const changed = (): boolean => {
      changes += 1
      return isOver
    }
    const writers = Promise.all(
      [1, 2].map((n) => write(house(), set, n, media, new Random(SEED + n), changed)),
    )
    const walks: readonly (readonly [CallerName, string])[] = [
      ['owner', '/v1/convergedRecordings'],
      ['admin', '/v1/admin/convergedRecordings'],
      ['officer', '/v1/admin/convergedRecordings'],
    ]
    let pages = 0
    try {
      await Promise.all(
        walks.map(async ([caller, path]) => {
          do {
            const seen = await walk(house(), caller, path, random)
            pages += seen.pages
            check(seen.items, set, caller)
          } while (changes < CHANGES_MIN)
        }),
      )
    } finally {
      isOver = true
    }
    await writers
    assert.ok(changes >= CHANGES_MIN, `${changes} changes are no test`)
    test.diagnostic(`${pages} pages of ${set.stays.length + set.comes.length} recordings, ${changes} changes`)
  })
}

/** Follows the links to the end, changing the page size on the way. */
async function walk(
  house: House,
  caller: CallerName,
  path: string,
  random: Random,
): Promise<{ readonly items: readonly Listed[]; readonly pages: number }> {
  const [from, to] = [FROM, FROM + 10 * DAY_MS].map((at) => new Date(at).toISOString())
  const items: Listed[] = []
  let pages = 0
  let next: string | undefined = `${house.stage.url}${path}?from=${from}&to=${to}&max=10`
  while (next !== undefined) {
    const url: URL = new URL(next)
    url.searchParams.set('max', String(1 + random.below(100)))
    const { status, json, headers, text } = await house.ask(caller, 'GET', url.href)
    assert.equal(status, 200, text)
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    assert.ok(json.items.length > 0 || link === undefined, 'no empty page has a next one')
    items.push(...(json.items as Listed[]))
    pages += 1
    next = link
  }
  return { items, pages }
}

function check(items: readonly Listed[], set: PagedSet, caller: string): void {
  const ids = items.map(({ id }) => id)
  const distinct = new Set(ids)
  assert.equal(distinct.size, ids.length, `${caller}: no recording twice`)
  assert.deepEqual(
    set.stays.filter((id) => !distinct.has(id)),
    [],
    `${caller}: what stays is met`,
  )
  const order = items.map(({ createTime, id }) => `${createTime} ${id}`)
  assert.deepEqual(order, order.toSorted().toReversed(), `${caller}: newest first, ties by id`)
}

/** Adds a recording somewhere in the list, as an administrator does it: announced, then sent. */
async function upload(house: House, content: Buffer, random: Random): Promise<void> {
  // Whole seconds: finer ones sort and do not show.
  const createTime = new Date(FROM + random.below(COMING_SECONDS) * 1_000).toISOString()
  const wanted = { ownerEmail: 'owner@alpha.test', topic: 'Coming', createTime, sizeBytes: content.length }
  const { status, json, text } = await house.ask('admin', 'POST', '/tandem/v1/imports', wanted)
  assert.equal(status, 201, text)
  const sent = await house.send('admin', `/tandem/v1/imports/${json.id}/media`, content)
  assert.deepEqual([sent.status, sent.json?.state], [200, 'done'], sent.text)
}

/** Takes recordings out of the list, puts them back and adds new ones; `changed` hears of each change, and ends it. */
async function write(
  house: House,
  set: PagedSet,
  writer: number,
  media: Media,
  random: Random,
  changed: () => boolean,
): Promise<void> {
  const own = set.comes.filter((_, n) => n % 2 === writer - 1)
  const post = async (how: string, body: object): Promise<boolean> => {
    const { status, text } = await house.ask('admin', 'POST', `/v1/convergedRecordings/${how}`, body)
    assert.equal(status, 204, text)
    return changed()
  }
  let coming = COMING + writer * 10_000
  let isOver = false
  while (!isOver && own.length > BATCH) {
    const at = random.below(own.length - BATCH)
    const recordingIds = own.slice(at, at + BATCH)
    await post('softDelete', { recordingIds })
    if (random.below(4) === 0)
      await post('reassign', { reassignOwnerEmail: 'colleague@alpha.test', recordingIds })
    await post('restore', { recordingIds })
    await upload(house, media.mp3(coming++), random)
    isOver = changed()
    if (random.below(5) !== 0) continue
    const [id] = own.splice(at, 1)
    const path = `/v1/convergedRecordings/${id}`
    assert.equal((await house.ask('officer', 'DELETE', path, { reason: 'paging' })).status, 204)
    isOver = changed()
  }
}

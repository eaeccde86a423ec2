/**
 * Download links over sockets (converged-recordings §5; promise P13): three hours, one file, one right. What is asked for
 * without any software of ours is asked for with curl.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { DownloadLinks } from '@tandem/recordings'
import { Random } from '@tandem/testing'
import { until } from '../../../tools/child.ts'
import { type CallerName, directory, IDS } from './cast.ts'
import { curl, sha256 } from './curl.ts'
import type { House, Seeder } from './house.ts'
import type { Media } from './media.ts'
import { LONG_AGO, OWNERS } from './states.ts'

const LINK_MS = 3 * 60 * 60 * 1_000
/** Between the request and the server's look at its clock, and the seconds that an answer is rounded to. */
const ASKED_MS_MAX = 3_000
/** A link is dead within this time of erasure or loss of role (P13). */
const DEAD_MS_MAX = 1_000
/** Files of these tests; others have other numbers. */
const FIRST = 50_000
const RECORDINGS = 6
const MUTATIONS = 120

/** The recordings of these tests. */
export class LinkSet {
  readonly #made: { readonly id: string; readonly content: Buffer }[] = []

  async fill(seeder: Seeder, media: Media): Promise<void> {
    for (let n = 0; n < RECORDINGS; n++) {
      const content = media.mp3(FIRST + n)
      const transcript = { engine: 'import', segments: [{ startMs: 0, endMs: 400, text: 'a long tone' }] }
      const id = await seeder.add(content, {
        owner: OWNERS.owner,
        topic: `Links "${n}"/ä`,
        createTime: LONG_AGO - 3_600_000 - n,
        serviceType: 'calling',
        transcript,
      })
      this.#made.push({ id, content })
    }
  }

  at(n: number): { readonly id: string; readonly content: Buffer } {
    const found = this.#made[n]
    if (found === undefined) throw new Error(`there is no recording ${n} for links`)
    return found
  }
}

/** The tests. */
export function linkTests(house: () => House, set: LinkSet): void {
  const linkOf = async (caller: CallerName, id: string, file = 'audioDownloadLink'): Promise<string> => {
    const answer = await house().ask(caller, 'GET', `/v1/convergedRecordings/${id}`)
    assert.equal(answer.status, 200, answer.text)
    return answer.json.temporaryDirectDownloadLinks[file] as string
  }
  const statusOf = async (url: string): Promise<number> => (await curl(url)).status

  it('give the file whole, in ranges and by its tag, to curl without a token', async () => {
    const { id, content } = set.at(0)
    const url = await linkOf('owner', id)
    const whole = await curl(url)
    assert.deepEqual([whole.status, sha256(whole.bytes)], [200, sha256(content)])
    const tag = whole.headers.get('etag') ?? ''
    assert.deepEqual(
      [tag, whole.headers.get('content-type'), whole.headers.get('accept-ranges')],
      [`"${sha256(content)}"`, 'audio/mpeg', 'bytes'],
    )
    assert.match(
      whole.headers.get('content-disposition') ?? '',
      /^attachment; filename="Links -0--_\.mp3"; filename\*=UTF-8''Links%20-0--%C3%A4\.mp3$/,
    )
    const head = await curl(url, '-I')
    assert.deepEqual(
      [head.status, head.headers.get('content-length'), head.headers.get('etag')],
      [200, String(content.length), tag],
    )
    const last = content.length - 1
    for (const [range, start, end] of [
      ['0-0', 0, 0],
      ['100-299', 100, 299],
      ['200-', 200, last],
      ['-50', last - 49, last],
      [`${last}-${last + 500}`, last, last],
    ] as const) {
      const part = await curl(url, '-r', range)
      assert.deepEqual(
        [part.status, part.headers.get('content-range'), part.bytes],
        [206, `bytes ${start}-${end}/${content.length}`, content.subarray(start, end + 1)],
        range,
      )
    }
    const beyond = await curl(url, '-r', `${content.length}-`)
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${content.length}`])
    assert.equal((await curl(url, '-H', `If-None-Match: ${tag}`)).status, 304)
    assert.equal((await curl(url, '-r', '0-9', '-H', `If-Range: ${tag}`)).status, 206)
    assert.equal((await curl(url, '-r', '0-9', '-H', 'If-Range: "another"')).status, 200)
    const transcript = await curl(await linkOf('owner', id, 'transcriptDownloadLink'))
    assert.equal(transcript.status, 200)
    assert.match(transcript.bytes.toString(), /^WEBVTT\n.*a long tone/s)
  })

  it('work for three hours from the request, and not a moment longer', async () => {
    const { id } = set.at(0)
    const askedAt = Date.now()
    const { json } = await house().ask('owner', 'GET', `/v1/convergedRecordings/${id}`)
    const { audioDownloadLink, expiration } = json.temporaryDirectDownloadLinks
    const exp = Number(new URL(audioDownloadLink).searchParams.get('exp'))
    assert.ok(exp - LINK_MS >= askedAt && exp - LINK_MS <= askedAt + ASKED_MS_MAX, audioDownloadLink)
    assert.equal(Date.parse(expiration), Math.floor(exp / 1_000) * 1_000)

    const signed = (expiresAt: number): string => {
      const subject = { recordingId: id, file: 'audio', personId: IDS.owner, expiresAt } as const
      return `${house().stage.url}/media/${id}/audio?${new DownloadLinks(house().data.keys.linkKey).sign(subject)}`
    }
    const endsAt = Date.now() + 1_500
    const ending = signed(endsAt)
    assert.equal(await statusOf(ending), 200, 'as long as it lasts')
    await wait(endsAt - Date.now() + 1)
    assert.equal(await statusOf(ending), 410, 'a millisecond later')
    assert.equal(await statusOf(signed(Date.now() + LINK_MS + 120_000)), 410, 'no link is made that late')
  })

  it('are refused with any byte changed, for any other recording, any other file', async () => {
    const { id } = set.at(0)
    const url = new URL(await linkOf('owner', id))
    const random = new Random(1)
    const query = url.search.slice(1)
    const mutated = Array.from({ length: MUTATIONS }, () => {
      const at = random.below(query.length)
      const letter = 'abcXYZ0189_-&=%'[random.below(15)] ?? ''
      const changed = random.pick([
        query.slice(0, at) + letter + query.slice(at + 1),
        query.slice(0, at) + query.slice(at + 1),
        query.slice(0, at) + letter + query.slice(at),
      ])
      return `${url.origin}${url.pathname}?${changed}`
    }).filter((each) => each !== url.href)
    const others = [
      `${url.origin}/media/${set.at(1).id}/audio${url.search}`,
      `${url.origin}/media/${id}/transcript${url.search}`,
      `${url.origin}${url.pathname}`,
    ]
    const statuses = await Promise.all(
      [...mutated, ...others].map(async (each) => (await fetch(each)).status),
    )
    assert.deepEqual([...new Set(statuses)], [403])
    assert.equal(await statusOf(url.href), 200, 'the link itself')
  })

  it('of an owner live with the status, of a compliance officer until erasure', async () => {
    const { id } = set.at(2)
    const [ofOwner, ofOfficer] = [await linkOf('owner', id), await linkOf('officer', id)]
    const both = async (): Promise<number[]> => [await statusOf(ofOwner), await statusOf(ofOfficer)]
    const move = async (how: string): Promise<void> => {
      const body = { recordingIds: [id] }
      const { status } = await house().ask('owner', 'POST', `/v1/convergedRecordings/${how}`, body)
      assert.equal(status, 204)
    }
    assert.deepEqual(await both(), [200, 200])
    await move('softDelete')
    assert.deepEqual(await both(), [410, 200])
    assert.equal(await statusOf(await linkOf('owner', id)), 200, 'a link of the bin')
    await move('restore')
    assert.deepEqual(await both(), [200, 200])
    await move('softDelete')
    await move('purge')
    assert.deepEqual(await both(), [410, 200])
    const erased = await house().ask('officer', 'DELETE', `/v1/convergedRecordings/${id}`, {
      reason: 'links',
    })
    assert.equal(erased.status, 204)
    assert.deepEqual(await both(), [410, 410], 'dead with the answer to the erasure')
  })

  it('die with ownership and with the role, within a second', async () => {
    const { id } = set.at(3)
    const [ofOwner, ofOfficer] = [await linkOf('owner', id), await linkOf('officer', id)]
    const body = { reassignOwnerEmail: 'colleague@alpha.test', recordingIds: [id] }
    assert.equal((await house().ask('admin', 'POST', '/v1/convergedRecordings/reassign', body)).status, 204)
    assert.deepEqual([await statusOf(ofOwner), await statusOf(ofOfficer)], [403, 200])
    const path = `/v1/convergedRecordings/${id}`
    // A caller is remembered for a moment, so link and details may change one after the other.
    const all = (status: number) => async (): Promise<true | undefined> => {
      const details = await house().ask('officer', 'GET', path)
      return details.status === status && (await statusOf(ofOfficer)) === status ? true : undefined
    }
    await house().apply(directory({ officerRoles: '' }))
    try {
      await until('link and details are refused', all(403), { waitMs: DEAD_MS_MAX })
    } finally {
      await house().apply(directory())
      await until('the role is back', all(200), { waitMs: DEAD_MS_MAX }) // Other tests ask as the officer.
    }
  })
}

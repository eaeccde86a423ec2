import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import {
  DownloadLinks,
  LINK_MS_MAX,
  LINKED_FILES,
  type LinkedFile,
  type LinkVerdict,
} from './download-links.ts'

const NOW = Date.UTC(2026, 1, 3, 9)
const ID = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
const links = new DownloadLinks(new Random(1).bytes(32))

function signed(): string {
  return links.sign({ recordingId: ID, file: 'audio', personId: 'p', expiresAt: NOW + LINK_MS_MAX })
}

function verdict(query: string, now = NOW, asked = { recordingId: ID, file: 'audio' }): LinkVerdict['kind'] {
  return links.check({ ...asked, query }, now).kind
}

describe('DownloadLinks (promise P13)', () => {
  it('works for three hours: 200 at 2:59:59, gone at 3:00:00 and 3:00:01', () => {
    assert.equal(verdict(signed(), NOW), 'valid')
    assert.equal(verdict(signed(), NOW + LINK_MS_MAX - 1_000), 'valid')
    assert.equal(verdict(signed(), NOW + LINK_MS_MAX - 1), 'valid')
    assert.equal(verdict(signed(), NOW + LINK_MS_MAX), 'expired')
    assert.equal(verdict(signed(), NOW + LINK_MS_MAX + 1_000), 'expired')
  })

  it('says for whom it was made and what was true then', () => {
    const query = links.sign({
      recordingId: ID,
      file: 'audio',
      personId: 'officer',
      role: 'compliance',
      status: 'purged',
      expiresAt: NOW + 5,
    })
    assert.deepEqual(links.check({ recordingId: ID, file: 'audio', query }, NOW), {
      kind: 'valid',
      personId: 'officer',
      role: 'compliance',
      status: 'purged',
      expiresAt: NOW + 5,
    })
  })

  it('keeps the four roles apart, and takes no fifth', () => {
    for (const role of ['owner', 'compliance', 'play', 'download'] as const) {
      const query = links.sign({ recordingId: ID, file: 'audio', personId: '', role, expiresAt: NOW + 5 })
      const checked = links.check({ recordingId: ID, file: 'audio', query }, NOW)
      assert.equal(checked.kind === 'valid' && checked.role, role)
      for (const other of ['owner', 'compliance', 'play', 'download', 'admin'])
        if (other !== role) assert.equal(verdict(query.replace(`role=${role}`, `role=${other}`)), 'forged')
    }
  })

  it('is forged when any of its characters is another one, also when it has expired', () => {
    const query = signed()
    const random = new Random(7)
    for (let round = 0; round < 10_000; round++) {
      const at = random.below(query.length)
      const character = random.pick([...'ABCabc019-_=&%+.'])
      const changed = query.slice(0, at) + character + query.slice(at + 1)
      if (changed === query) continue
      assert.equal(verdict(changed), 'forged', changed)
    }
    assert.equal(verdict(query.replace('for=p', 'for=q'), NOW + 2 * LINK_MS_MAX), 'forged')
  })

  it('is for one recording and one file', () => {
    assert.equal(
      verdict(signed(), NOW, { recordingId: ID.replaceAll('-', '').toUpperCase(), file: 'audio' }),
      'valid',
    )
    assert.equal(verdict(signed(), NOW, { recordingId: ID.replace('5', '6'), file: 'audio' }), 'forged')
    assert.equal(verdict(signed(), NOW, { recordingId: ID, file: 'transcript' }), 'forged')
  })

  it('is forged without a signature, with two, with one of another server, and with a member said twice', () => {
    const other = new DownloadLinks(new Random(2).bytes(32))
    const foreign = other.sign({ recordingId: ID, file: 'audio', personId: 'p', expiresAt: NOW + 1 })
    for (const query of [
      '',
      'sig=',
      `${signed()}&sig=x`,
      foreign,
      `${signed()}&exp=9`,
      signed().replace(/&sig=.*/, ''),
    ]) {
      assert.equal(verdict(query), 'forged', query)
    }
  })

  it('opens none of its files to 10,000 changed links, and every unchanged one at 2:59:59', () => {
    const random = new Random(13)
    const others = { recordingId: ID.replace('5', '6'), personId: 'q', expiresAt: NOW + 1 }
    let tried = 0
    for (let round = 0; tried < 10_000; round++) {
      const file = LINKED_FILES[round % LINKED_FILES.length] as LinkedFile
      const subject = { recordingId: ID, file, personId: 'p', expiresAt: NOW + LINK_MS_MAX }
      const query = links.sign(subject)
      const asked = { recordingId: ID, file }
      assert.equal(verdict(query, NOW + LINK_MS_MAX - 1_000, asked), 'valid')
      assert.equal(verdict(query, NOW + LINK_MS_MAX + 1_000, asked), 'expired')
      const spliced = links.sign({
        ...subject,
        ...random.pick([{ personId: 'q' }, { status: 'purged' }, others]),
      })
      for (const changed of changesOf(query, spliced, random)) {
        if (changed === query) continue
        tried++
        assert.equal(verdict(changed, NOW, asked), 'forged', changed)
      }
      for (const other of LINKED_FILES)
        if (other !== file) assert.equal(verdict(query, NOW, { ...asked, file: other }), 'forged')
    }
  })

  it('does not come to life again when the clock is set back by hours', () => {
    assert.equal(verdict(signed(), NOW - 3_600_000), 'expired')
    assert.equal(verdict(signed(), NOW - 1_000), 'valid')
  })
})

/** One change of each kind: bytes flipped, left out, added and moved, members moved, respelled and taken from another. */
function changesOf(query: string, other: string, random: Random): string[] {
  const at = random.below(query.length)
  const end = at + 1 + random.below(4)
  const members = query.split('&')
  const place = random.below(members.length)
  const character = query.charCodeAt(at)
  return [
    query.slice(0, at) + String.fromCharCode(character ^ (1 << random.below(7))) + query.slice(end),
    query.slice(0, at) + query.slice(end),
    query.slice(0, at) + random.pick([...'aA0&=%+#;']) + query.slice(at),
    `${query.slice(0, at)}%${character.toString(16)}${query.slice(at + 1)}`,
    query.slice(0, at),
    query + random.pick(['&', '&x=1', '=', '&sig=', '&exp=9', `&${other}`]),
    [...members.slice(place), ...members.slice(0, place)].join('&'),
    members.with(place, other.split('&')[place] ?? '').join('&'),
    `${members.slice(0, -1).join('&')}&${other.split('&').at(-1)}`,
    query.toUpperCase(),
  ]
}

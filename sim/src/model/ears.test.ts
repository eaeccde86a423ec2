import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MediaCommand } from '@tandem/media'
import { Ears } from './ears.ts'

/** Legs a to d, and what was wrong with the commands given since. */
function four(): { ears: Ears; give: (command: MediaCommand) => string | undefined; heard: () => string[] } {
  const ears = new Ears()
  for (const leg of ['a', 'b', 'c', 'd']) ears.apply({ kind: 'allocate', leg, session: 's', family: 4 })
  const heard = (): string[] =>
    [...ears.legs.keys()].map((leg) => `${leg}:${ears.reaching(leg).toSorted().join('')}`)
  return { ears, give: (command) => ears.apply(command), heard }
}

function mix(leg: string, options: { hears?: boolean; speaks?: boolean; group?: string } = {}): MediaCommand {
  return { kind: 'mix', room: 'r', leg, speaks: true, hears: true, ...options }
}

describe('who hears whom by the commands of the media port', () => {
  it('lets two of a bridge hear each other until one leaves, or is joined with another', () => {
    const { give, heard } = four()
    give({ kind: 'bridge', a: 'a', b: 'b' })
    assert.deepEqual(heard(), ['a:b', 'b:a', 'c:', 'd:'])
    give({ kind: 'bridge', a: 'b', b: 'c' })
    assert.deepEqual(heard(), ['a:', 'b:c', 'c:b', 'd:'])
    give({ kind: 'unbridge', leg: 'c' })
    assert.deepEqual(heard(), ['a:', 'b:', 'c:', 'd:'])
  })

  it('lets those of a room hear the others, without themselves, their group, the silent and by the deaf', () => {
    const { give, heard } = four()
    give(mix('a', { group: 'host' }))
    give(mix('b', { group: 'host' }))
    give(mix('c', { speaks: false }))
    give(mix('d', { hears: false }))
    assert.deepEqual(heard(), ['a:d', 'b:d', 'c:abd', 'd:'])
    give({ kind: 'release', leg: 'd' })
    assert.deepEqual(heard(), ['a:', 'b:', 'c:ab'])
  })

  it('says what makes no sense', () => {
    const { give } = four()
    assert.match(give({ kind: 'bridge', a: 'a', b: 'a' }) ?? '', /itself/)
    assert.match(give({ kind: 'bridge', a: 'a', b: 'x' }) ?? '', /live/)
    assert.match(give({ kind: 'silence', leg: 'x' }) ?? '', /live/)
    give({ kind: 'bridge', a: 'a', b: 'b' })
    assert.match(give({ kind: 'play', leg: 'a', sound: { kind: 'music' } }) ?? '', /leaves/)
    assert.equal(give({ kind: 'play', leg: 'b', sound: { kind: 'beep' }, over: true }), undefined)
    give({ kind: 'release', leg: 'a' })
    assert.match(give({ kind: 'release', leg: 'a' }) ?? '', /once/)
  })
})

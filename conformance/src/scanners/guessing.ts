/** Case S31: a password is not found by trying, and nobody but the guesser is shut out. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { scan } from '../peers/sipvicious.ts'
import type { Besieged } from './besieged.ts'
import { COLLEAGUE, NOBODY, passwordOf, USERS, VICTIM, VICTIM_TOO } from './house.ts'
import type { Knocker } from './knocker.ts'

const PLACE_OF_RIGHT_WORD = 200
const FAILURES_MAX = 10
const CRACK_MS_MAX = 30_000

/** Registers the tests; those with SIPVicious need it. */
export function guessing(house: () => Besieged, without: string | false): void {
  it('S31: svcrack finds a word that stands early, so that its silence below means something', {
    skip: without,
  }, async () => {
    const { rows, output } = await crack(house(), { user: COLLEAGUE, place: 5, localPort: 25_120 })
    assert.deepEqual(rows, [[COLLEAGUE, passwordOf(COLLEAGUE)]], output)
    house().findings.add('S31', 'svcrack', 'a password at place 5: found (the tool works)')
  })

  it(`S31: svcrack does not get to the right word at place ${PLACE_OF_RIGHT_WORD}, under many nonces or one`, {
    skip: without,
  }, async () => {
    const tries = [
      { user: VICTIM, more: [], localPort: 25_120 },
      { user: VICTIM_TOO, more: ['--reusenonce'], localPort: 25_140 },
    ]
    const crackAll = tries.map((each) => crack(house(), { ...each, place: PLACE_OF_RIGHT_WORD }))
    for (const [index, { rows, output }] of (await Promise.all(crackAll)).entries()) {
      assert.deepEqual(rows, [], output)
      assert.match(output, /found nothing/, 'it came to its end')
      const tool = ['svcrack', ...(tries[index]?.more ?? [])].join(' ')
      house().findings.add('S31', tool, `a password at place ${PLACE_OF_RIGHT_WORD}: not found`)
    }
  })

  it('S31: the guesser is shut out even with the right word; others from there and the user from elsewhere are not', {
    skip: without,
  }, async () => {
    const [there, elsewhere] = [await house().knocker(), await house().knocker('127.0.0.2')]
    assert.equal((await there.register(VICTIM, passwordOf(VICTIM))).status, 403)
    assert.equal((await there.register(COLLEAGUE, passwordOf(COLLEAGUE))).status, 200)
    assert.equal((await elsewhere.register(VICTIM, passwordOf(VICTIM))).status, 200)
    const metrics = await (await fetch(`${house().stage.managementUrl}/metrics`)).text()
    assert.match(metrics, /tandem_notices_total\{notice="login banned after too many failures"\} 2/)
    house().findings.add('S31', 'own client', 'banned: that user from that source alone')
  })

  it('S31: nine failures are forgiven, ten are not, and nobody learns from it who exists', async () => {
    const knocker = await house().knocker('127.0.0.11')
    const word = passwordOf(USERS.counting)
    assert.deepEqual(
      await statuses(knocker, USERS.counting, FAILURES_MAX - 1),
      Array(FAILURES_MAX - 1).fill(401),
    )
    assert.equal((await knocker.register(USERS.counting, word)).status, 200)
    const banned = await statuses(knocker, USERS.counting, FAILURES_MAX + 1)
    assert.deepEqual(banned, [...Array(FAILURES_MAX).fill(401), 403])
    assert.equal((await knocker.register(USERS.counting, word)).status, 403)
    assert.deepEqual(await statuses(knocker, NOBODY[0], FAILURES_MAX + 1), banned)
    house().findings.add('S31', 'own client', `banned at failure ${FAILURES_MAX}, users and nobodies alike`)
  })
}

async function statuses(knocker: Knocker, user: string, count: number): Promise<number[]> {
  const seen: number[] = []
  for (let i = 0; i < count; i++) seen.push((await knocker.register(user, `wrong ${i}`)).status)
  return seen
}

/** Lets svcrack try words of which the right one stands at `place`, from 1, with more behind it. */
function crack(
  house: Besieged,
  what: {
    readonly user: string
    readonly place: number
    readonly localPort: number
    readonly more?: readonly string[]
  },
): ReturnType<typeof scan> {
  const { user, place, localPort, more = [] } = what
  const words = Array.from({ length: place + 20 }, (_, index) => `word-${index + 1}`)
  words[place - 1] = passwordOf(user)
  const file = join(house.stage.folder, `words-of-${user}.txt`)
  writeFileSync(file, `${words.join('\n')}\n`)
  const options = { port: house.stage.sipPort, localPort, msMax: CRACK_MS_MAX }
  return scan('svcrack', options, '-u', user, '-d', file, '--domain', 'scan.test', ...more)
}

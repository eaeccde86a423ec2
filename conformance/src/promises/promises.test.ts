/**
 * The promises about stored data (P1, P2, P4, P5, P13, P16, P17, P18) in their short form, and the harness itself: each
 * planted bug must turn it red, since a harness that finds nothing may be blind.
 */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { type Finding, table, verdictOf } from './finding.ts'
import { prepared } from './life.ts'
import { cutPower, mountSkip } from './power-cut.ts'
import { provePromises, SHORT } from './promises.ts'
import { killAtRandom, leaveInPeace } from './strike.ts'

const SEED = Number(process.env['PROMISES_SEED'] ?? 1)
/** Cuts until one must have met the bug: a later sync of another file may carry what was not synced to the disk as well. */
const CUTS_MAX = 5

it('keeps its promises about stored data while it is killed, cut off and starved', async (test) => {
  const findings = await provePromises({ scale: SHORT, seed: SEED, long: false })
  for (const line of table(findings).split('\n')) test.diagnostic(line)
  test.diagnostic('The short form: npm run conform -- promises --long reaches the figures.')
  assert.deepEqual(
    findings.filter((finding) => verdictOf(finding) === 'BROKEN').flatMap(({ faults }) => faults),
    [],
  )
  const idle = findings.filter((finding) => finding.load === 0 && finding.skipped === undefined)
  assert.deepEqual(idle, [], 'every proof has done something')
})

describe('the harness turns red', () => {
  let template: string
  before(async () => {
    template = await prepared()
  })
  after(() => rmSync(dirname(template), { recursive: true, force: true }))

  it('when commits are acknowledged before they are made', async () => {
    const options = { random: new Random(SEED), template, bug: 'ack-before-commit', kind: 'imports' } as const
    const { faults } = await killAtRandom(4, options)
    assert.match(faults.join('\n'), /^lost: /m)
  })

  it('when a user reaches the recordings of others', async () => {
    const options = { random: new Random(SEED), template, bug: 'no-owner-check' } as const
    const { faults } = await leaveInPeace(200, options)
    assert.match(faults.join('\n'), /^trespass of .* must be refused as missing and is done$/m)
  })

  it('when the database does not sync its commits', { skip: mountSkip() }, async () => {
    const { faults } = await cutPower(CUTS_MAX, {
      ...{ random: new Random(SEED), template, bug: 'sync-normal', vaultApart: true },
      exactly: { ops: 40, lanes: 4, kind: 'everything', warm: false },
    })
    assert.match(faults.join('\n'), /^lost: /m)
  })

  it('when the vault does not sync its folders', { skip: mountSkip() }, async () => {
    const { faults } = await cutPower(CUTS_MAX, {
      ...{ random: new Random(SEED), template, bug: 'no-folder-sync', vaultApart: true },
      exactly: { ops: 12, lanes: 1, kind: 'imports', warm: true },
    })
    assert.match(faults.join('\n'), /^phantom: /m)
  })

  it('and finds nothing in the same cuts without a bug', { skip: mountSkip() }, async () => {
    const exactly = { ops: 12, lanes: 1, kind: 'imports', warm: true } as const
    const { faults, cuts } = await cutPower(1, {
      random: new Random(SEED),
      template,
      vaultApart: true,
      exactly,
    })
    assert.deepEqual({ faults, cuts }, { faults: [], cuts: 1 })
  })
})

describe('the table', () => {
  const finding: Finding = {
    ...{
      promise: 'P1',
      did: 'killed',
      reached: '0 lost',
      asked: '0 lost',
      load: 10,
      loadMin: 10,
      faults: [],
    },
  }
  it('calls a proof void whose load is below its minimum, and not at it', () => {
    assert.equal(verdictOf(finding), 'ok')
    assert.equal(verdictOf({ ...finding, load: 9 }), 'void')
    assert.equal(verdictOf({ ...finding, load: 9, faults: ['lost: one'] }), 'BROKEN')
    assert.match(table([{ ...finding, faults: ['lost: one'] }]), /10 of 10 +BROKEN\n {2}P1: lost: one$/)
    assert.match(table([{ ...finding, skipped: 'only root may' }]), /skipped, only root may/)
  })
})

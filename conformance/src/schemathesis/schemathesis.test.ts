/**
 * Schemathesis against a whole server, with the tokens of an administrator who is a compliance officer too, of an
 * administrator and of a user. It tries every operation of the published document with requests that the document allows
 * and with some that it does not, and holds each answer to it. `SCHEMATHESIS_SEED=7` and `SCHEMATHESIS_SECONDS=600` ask
 * more of it.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fullDocument } from './document.ts'
import { House } from './house.ts'
import { schemathesis, withoutSchemathesis } from './schemathesis.ts'

const skip = await withoutSchemathesis()
const seed = Number(process.env['SCHEMATHESIS_SEED'] ?? 1)
/** For all three together; without it, what is asked depends on the machine, and the first operations are always asked. */
const seconds = Number(process.env['SCHEMATHESIS_SECONDS'] ?? 0)
const isLong = seconds > 0
/** Together with the start of server and tool a minute and a half; all operations on a quiet machine. */
const SECONDS_MAX = { everything: 28, admin: 19, user: 19 } as const
/** On a busy machine time ends early; fewer operations than these are no test. */
const OPERATIONS_MIN = 20
/** Operations that must have answered with a success by then. */
const SUCCEEDED_MIN = 10

/** Left out, and why. */
const WITHOUT = [
  'streamEvents', // Its answer never ends.
  'addAnnouncement', // A sound, which it cannot make.
  'deletePerson', // Of those who ask; their tokens would go with them.
  'applyDirectory', // The same, and everything else with it.
  'revokeToken', // The same.
]

let house: House

before(async () => {
  if (skip === false) house = await House.open()
})
after(async () => {
  if (skip === false) assert.equal(await house.close(), 0)
})

describe('Schemathesis against the published document', { skip }, () => {
  for (const name of ['everything', 'admin', 'user'] as const)
    it(`finds no fault of the server and no answer outside of the document, as ${name}`, async (test) => {
      const { askers, folder, known, stage } = house
      const asker = askers.find((each) => each.name === name)
      assert.ok(asker)
      const { token, personId } = asker
      const published = await (await fetch(`${stage.url}/openapi.json`)).json()
      const document = join(folder, 'openapi.json')
      writeFileSync(document, JSON.stringify(fullDocument(published, { ...known, lineOwnerId: [personId] })))
      const report = await schemathesis({
        ...{ folder, document, url: stage.url, token, name, seed, without: WITHOUT },
        phases: isLong ? ['coverage', 'fuzzing'] : name === 'everything' ? ['coverage'] : ['fuzzing'],
        examplesMax: isLong ? 50 : 2,
        secondsMax: isLong ? Math.ceil(seconds / 3) : SECONDS_MAX[name],
      })
      const succeeded = await house.succeeded()
      test.diagnostic(
        `${report.operations} operations, ${report.cases} cases, ${report.failures.length} findings; ${succeeded.size} operations have succeeded`,
      )
      assert.deepEqual([report.failures, report.errors, report.exitCode], [[], [], 0], report.output)
      assert.ok(report.operations > OPERATIONS_MIN && report.cases > report.operations, report.output)
      // A server that refuses everything keeps to any document.
      assert.ok(succeeded.size > SUCCEEDED_MIN, [...succeeded].join(' '))
    })
})

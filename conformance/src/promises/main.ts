/**
 * `npm run conform -- promises --long [--minutes N] [--seed N] [--only PART,…]`: the long form. Prints each line when it is known and the
 * whole table at the end; ends with 1 when a promise is broken, or when so little was done that nothing is proved.
 */
import { parseArgs } from 'node:util'
import { table, verdictOf } from './finding.ts'
import { LONG, PARTS, provePromises, SHORT } from './promises.ts'

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const { long, minutes, only } = values
const parts = only === undefined ? PARTS : PARTS.filter((part) => only.split(',').includes(part))
if (only !== undefined && parts.length !== only.split(',').length) {
  console.error(`The parts are: ${PARTS.join(', ')}.`)
  process.exit(2)
}
const findings = await provePromises({
  ...{ long, parts, scale: long ? LONG : SHORT, seed: Number(values.seed) },
  ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
  onFinding: ({ promise, did, reached }) => console.log(`${promise}: ${did}: ${reached}`),
})
console.log(table(findings))
const bad = findings.filter((finding) => verdictOf(finding) !== 'ok')
// In the short form nothing reaches its minimum, and that is no news.
const broken = long ? bad : bad.filter((finding) => verdictOf(finding) === 'BROKEN')
const voids = bad.filter((finding) => verdictOf(finding) === 'void')
if (long && voids.length > 0)
  console.log(`${voids.length} proofs are void: their load was below the minimum. They count as failed.`)
process.exit(broken.length === 0 ? 0 : 1)

/**
 * `npm run sim -- [--seeds N] [--from SEED]`: the whole engine on a virtual network, N worlds in a row. Prints what happened in them;
 * a broken rule prints its seed, and `--from SEED --seeds 1` shows it again.
 */
import { parseArgs } from 'node:util'
import { World } from './world.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100' }, from: { type: 'string', default: '1' } },
})
const seeds = Number(values.seeds)
const from = Number(values.from)
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from)) {
  console.error('Usage: npm run sim -- [--seeds N] [--from SEED], both whole numbers.')
  process.exit(2)
}
const startedAt = performance.now()
const totals = { established: 0, held: 0, legs: 0, recordings: 0, messages: 0 }
let broken = 0
for (let seed = from; seed < from + seeds; seed++) {
  try {
    const report = new World(seed).run()
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += report[key]
  } catch (error) {
    broken += 1
    console.log(
      error instanceof Error
        ? error.name === 'RuleBroken'
          ? error.message
          : `seed ${seed}: ${error.stack}`
        : String(error),
    )
  }
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
console.log(
  `${seeds} seeds in ${seconds} s: ${totals.established} ends established, ${totals.held} holds, ${totals.legs} legs, ${totals.recordings} recordings, ${totals.messages} messages; ${broken} seeds broke a rule`,
)
process.exit(broken === 0 ? 0 : 1)

/**
 * `npm run sim -- [--seeds N] [--from SEED]`: the whole engine on a virtual network, N worlds in a row. Prints what happened in them;
 * a broken rule prints its seed and what led to it, and `--from SEED --seeds 1` shows it again.
 */
import { parseArgs } from 'node:util'
import { Tally } from './tally.ts'
import { World } from './world.ts'

/** Broken seeds that are shown in full. */
const SHOWN_MAX = 10

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    careful: { type: 'boolean', default: false },
  },
})
const seeds = Number(values.seeds)
const from = Number(values.from)
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from)) {
  console.error('Usage: npm run sim -- [--seeds N] [--from SEED] [--careful], N and SEED whole numbers.')
  process.exit(2)
}
const startedAt = performance.now()
const total = new Tally()
const broken: number[] = []
for (let seed = from; seed < from + seeds; seed++) {
  try {
    const { counts } = new World(seed, { careful: values.careful }).run()
    for (const [name, count] of Object.entries(counts))
      if (name.startsWith('most ')) total.most(name, count)
      else total.add(name, count)
  } catch (error) {
    broken.push(seed)
    if (broken.length <= SHOWN_MAX) console.log(error instanceof Error ? error.message : String(error))
  }
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
for (const [name, count] of Object.entries(total.all)) console.log(`${String(count).padStart(9)}  ${name}`)
console.log(
  `${seeds} seeds in ${seconds} s; ${broken.length} broke a rule${broken.length === 0 ? '' : `: ${broken.slice(0, 50).join(' ')}`}`,
)
process.exit(broken.length === 0 ? 0 : 1)

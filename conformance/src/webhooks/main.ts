/** `npm run conform -- webhooks --long [--seed N]`: 10,000 events and 20 kills; ends with 1 when a promise is broken. */
import { parseArgs } from 'node:util'
import { LONG, SHORT, storm } from './storm.ts'

const { values } = parseArgs({
  options: { long: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
})
const result = await storm(values.long ? LONG : SHORT, Number(values.seed))
console.log(JSON.stringify(result))
process.exit(result.lost + result.overtaken + result.faults.length === 0 ? 0 : 1)

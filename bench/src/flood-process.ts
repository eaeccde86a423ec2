/** The flood of `flood.ts`: port, requests a second and seconds; the token is in `TOKEN`. */
import { Agent } from 'node:http'
import { paced, timed } from './paced-requests.ts'

/** Connections of somebody who opens many. */
const SOCKETS = 256

const [port, perSecond, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
console.log('begins')
const answers = await paced(perSecond, seconds, () => timed(port, process.env['TOKEN'] ?? '', agent))
agent.destroy()
console.log(`sent ${answers.length}, refused ${answers.filter(({ status }) => status === 429).length}`)

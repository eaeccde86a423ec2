/**
 * A process that is nothing but one media worker of ours with N bridged calls, so that its processor time can be read
 * from outside. Prints `{"ports": [...]}`, leg by leg, then waits until its standard input ends.
 *
 * Usage: `node relay-host.ts CALLS GENERATOR_BASE JOURNAL_FOLDER [recorded]`; leg i speaks from GENERATOR_BASE + 2i.
 */
import { SILENT } from '@tandem/base'
import { now, startMediaWorkers, WorkerMediaPort, wallOffsetMs } from '@tandem/io'

const HOST = '127.0.0.1'
const [calls, base, folder, recorded] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  process.argv[4],
  process.argv[5],
]
const offsetMs = wallOffsetMs()
const workers = await startMediaWorkers({
  media: { host: HOST, portMin: 20_000, portMax: 29_999, workers: 1 },
  journalFolder: folder ?? '.',
  wallOffsetMs: offsetMs,
  logger: SILENT,
})
const ports = new Map<string, number>()
const port = new WorkerMediaPort({
  links: workers.links,
  kek: new Uint8Array(32),
  wallOffsetMs: offsetMs,
  onEvent(event) {
    if (event.kind === 'failed') throw new Error(event.why)
    if (event.kind !== 'allocated') return
    ports.set(event.leg, event.port)
    if (ports.size === 2 * calls) connect()
  },
  onRetired() {},
  logger: SILENT,
})
for (let leg = 0; leg < 2 * calls; leg++) {
  port.command({ kind: 'allocate', leg: `${leg}`, session: `${leg >> 1}`, family: 4 })
}

function connect(): void {
  for (let leg = 0; leg < 2 * calls; leg++) {
    const rtpPort = base + 2 * leg
    port.command({
      kind: 'configure',
      leg: `${leg}`,
      format: { codec: 'PCMU', payloadType: 0, clockRateHz: 8_000, ptimeMs: 20 },
      remote: { host: HOST, port: rtpPort, rtcpPort: rtpPort + 1 },
      send: true,
      receive: true,
      relearn: false,
    })
  }
  for (let call = 0; call < calls; call++) {
    const [a, b] = [`${2 * call}`, `${2 * call + 1}`]
    port.command({ kind: 'bridge', a, b })
    if (recorded === undefined) continue
    port.command({ kind: 'openRecording', recording: `r${call}`, at: now() + offsetMs, facts: '{}' })
    port.command({ kind: 'attach', recording: `r${call}`, side: 'left', leg: a })
    port.command({ kind: 'attach', recording: `r${call}`, side: 'right', leg: b })
  }
  console.log(JSON.stringify({ ports: Array.from({ length: 2 * calls }, (_, leg) => ports.get(`${leg}`)) }))
}

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

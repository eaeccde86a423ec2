/**
 * A process that is nothing but one media worker of ours with N bridged calls, or as many legs in rooms of three, so
 * that its processor time can be read from outside. Prints `{"ports": [...]}`, leg by leg, then waits until its standard input ends.
 *
 * The calls come one after another, as calls do: each leg says its first packet before the next call begins, so that
 * ports are shared as they would be. Usage: `node relay-host.ts CALLS GENERATOR_BASE JOURNAL_FOLDER [recorded|mixed]`; leg i
 * speaks from GENERATOR_BASE + 2i, with SSRC 65536 + i.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { SILENT } from '@tandem/base'
import { now, startMediaWorkers, WorkerMediaPort, wallOffsetMs } from '@tandem/io'
import { writeRtpHeader } from '@tandem/media'

const HOST = '127.0.0.1'
/** The sequence number before the generator's first. */
const SEQUENCE_BEFORE = 65_535
const [calls, base, folder] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4] ?? '.']
const recorded = process.argv[5] === 'recorded'
const mixed = process.argv[5] === 'mixed'
/** Legs that talk with each other. */
const together = mixed ? 3 : 2
const offsetMs = wallOffsetMs()
const workers = await startMediaWorkers({
  media: { host: HOST, portMin: 20_000, portMax: 29_999, workers: 1 },
  journalFolder: folder,
  wallOffsetMs: offsetMs,
  logger: SILENT,
})
const allocated = new Map<string, (port: number) => void>()
const port = new WorkerMediaPort({
  links: workers.links,
  kek: new Uint8Array(32),
  wallOffsetMs: offsetMs,
  onEvent(event) {
    if (event.kind === 'failed') throw new Error(event.why)
    if (event.kind === 'allocated') allocated.get(event.leg)?.(event.port)
  },
  onRetired() {},
  logger: SILENT,
})

const ports: number[] = []
for (let first = 0; first < 2 * calls; first += together) {
  const legs = Array.from({ length: together }, (_, index) => first + index)
  ports.push(...(await Promise.all(legs.map(startLeg))))
  const [a, b] = [`${legs[0]}`, `${legs[1]}`]
  if (mixed)
    for (const leg of legs)
      port.command({ kind: 'mix', room: `${first}`, leg: `${leg}`, speaks: true, hears: true })
  else port.command({ kind: 'bridge', a, b })
  for (const leg of legs) await speakOnce(leg)
  while (((await port.workerCounts())[0]?.learning ?? 0) > 0); // A question a turn: the worker needs a moment.
  if (!recorded) continue
  const recording = `r${first / 2}`
  port.command({ kind: 'openRecording', recording, at: now() + offsetMs, facts: '{}' })
  port.command({ kind: 'attach', recording, side: 'left', leg: a })
  port.command({ kind: 'attach', recording, side: 'right', leg: b })
}
const [counts] = await port.workerCounts()
console.log(JSON.stringify({ ports, portPairs: counts?.ports }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

async function startLeg(leg: number): Promise<number> {
  const answered = new Promise<number>((resolve) => allocated.set(`${leg}`, resolve))
  port.command({ kind: 'allocate', leg: `${leg}`, session: `${Math.floor(leg / together)}`, family: 4 })
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
  return answered
}

/** One packet from where the generator will speak, so that the leg is learned. */
async function speakOnce(leg: number): Promise<void> {
  const socket = dgram.createSocket('udp4')
  socket.bind(base + 2 * leg, HOST)
  await once(socket, 'listening')
  const packet = new Uint8Array(172)
  writeRtpHeader(packet, 0, true, SEQUENCE_BEFORE, 2 ** 32 - 160, 65_536 + leg)
  await new Promise((resolve) => socket.send(packet, ports[leg] ?? 0, HOST, resolve))
  await new Promise<void>((resolve) => socket.close(() => resolve()))
}

/**
 * A process that journals one packet every 20 ms, counting, until it is killed. It prints each count, and the
 * milliseconds since the first, after handing the packet over; the test that kills it compares. Usage: `node journal-load.ts FOLDER`.
 */
import { SILENT } from '@tandem/base'
import { wrapDataKey } from '@tandem/media'
import { nodeCrypto, seal } from '../crypto.ts'
import { now, wallOffsetMs } from '../time/clock.ts'
import { openJournalFolder } from './journal-folder.ts'
import { FLUSH_MS, FLUSH_TURNS, JournalWriter, SYNC_MS } from './journal-writer.ts'

const RECORDING = 'load'
const PACKET_MS = 20

const key = nodeCrypto.randomBytes(32)
const kek = new Uint8Array(32).fill(9)
const offsetMs = wallOffsetMs()
const writer = new JournalWriter({
  folder: await openJournalFolder(process.argv[2] ?? '.'),
  worker: 0,
  clock: now,
  wallOffsetMs: offsetMs,
  seal,
  randomBytes: nodeCrypto.randomBytes,
  onEvent: (event) => {
    if (event.kind === 'recordingOpened') start()
  },
  onRetired() {},
  logger: SILENT,
})
const wrappedKey = wrapDataKey(seal, kek, nodeCrypto.randomBytes(12), RECORDING, key)
const instantAt = now()
writer.open({
  recording: RECORDING,
  facts: '{}',
  wallAt: instantAt + offsetMs,
  instantAt,
  key,
  wrappedKey,
  continues: false,
})
setInterval(() => writer.flushTurn(), FLUSH_MS / FLUSH_TURNS)
setInterval(() => writer.sync(), SYNC_MS)

function start(): void {
  const packet = new Uint8Array(172)
  const first = now()
  let count = 0
  setInterval(() => {
    for (; first + count * PACKET_MS <= now(); count++) {
      packet[0] = count
      writer.packet(RECORDING, 0, 1, now(), packet, packet.length)
      process.stdout.write(`${count} ${Math.round(now() - first)}\n`)
    }
  }, PACKET_MS / 4)
}

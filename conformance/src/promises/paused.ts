/**
 * Promise P18: while a recording is paused both ends send a marker tone and one of them presses 4111…; afterwards neither
 * may be found anywhere: not in the journal as it lay on the disk (opened with the server's own key), not in the MP3, the
 * transcript, the database, the log, nor in any file. What was said before and after must be there, or nothing was proved.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { decodeG711, SegmentReader, unwrapDataKey } from '@tandem/media'
import { openPhone, type Phone } from '@tandem/phone'
import { openSealed } from '../../../packages/recordings/src/journal/open-sealed.ts'
import { derive } from '../../../packages/server/src/keys/keys.ts'
import { masterKeyFile, readMasterKey } from '../../../packages/server/src/keys/master-key.ts'
import { until } from '../../../tools/child.ts'
import { amplitudeAt, type Heard } from '../../../tools/mp3.ts'
import { Stage } from '../../../tools/stage.ts'
import { clientFor, hear, recordingsOf } from '../peers/recording.ts'
import type { Finding } from './finding.ts'

const RATE_HZ = 8_000
const TALK_MS = 1_500
/** Said before and after the pause, and what is said during it; no harmonics of each other. */
const TONES_HZ = { ada: 440, ben: 880, markerOfAda: 2_713, markerOfBen: 1_867 } as const
/** What a card's number looks like, and what must stay in no file. */
const DIGITS = '4111111111111111'
/** Sound is looked at in stretches of this length: a marker of 40 ms is the least that P18 asks to be seen. */
const STRETCH_MS = 40
/** A marker this loud, of the loudness that the talk has, counts as heard. */
const HEARD_SHARE_MAX = 0.05
/** Packets on their way, and what they wait for, when a command takes effect. */
const SETTLE_MS = 120

const DIRECTORY = `organizations:
  - name: Radio
    domains: [radio.test]
    locations: [{ name: Berlin }]
    people:
      - { email: ada@radio.test, name: Ada, extension: "101", recording: Always with Pause/Resume, devices: [{ name: desk, sipUser: ada, sipPassword: demo-radio-ada }] }
      - { email: ben@radio.test, name: Ben, extension: "102", recording: Never, devices: [{ name: desk, sipUser: ben, sipPassword: demo-radio-ben }] }
`

/** Makes the call and searches for what was said in its pause. */
export async function searchForPaused(
  rounds: number,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Finding> {
  const faults: string[] = []
  let [searched, calls] = [0, 0]
  for (; calls < rounds && faults.length === 0 && performance.now() < until; calls++) {
    const found = await pausedCall()
    faults.push(...found.faults)
    searched += found.files
  }
  return {
    promise: 'P18',
    did: 'marker tones and 4111… during a pause, then searched for',
    reached: `${faults.length} traces in ${searched} files, MP3 and journal`,
    asked: '0 traces',
    load: calls,
    loadMin: 10,
    faults,
  }
}

async function pausedCall(): Promise<{ readonly faults: readonly string[]; readonly files: number }> {
  const stage = await Stage.open({ directory: DIRECTORY, settings: { TANDEM_LOG_LEVEL: 'debug' } })
  const folder = mkdtempSync(join(tmpdir(), 'tandem-paused-'))
  const phones: Phone[] = []
  const faults: string[] = []
  try {
    const ada = await phoneOf(stage, 'ada', phones)
    const ben = await phoneOf(stage, 'ben', phones)
    const client = await clientFor(stage, 'ada@radio.test')
    const { callId } = await client.calls.dial({ destination: '102' })
    await until('it is recorded', async () =>
      (await client.calls.get(callId)).recordingState === 'started' ? true : undefined,
    )
    const talk = (): void => {
      ada.play({ kind: 'tone', frequencyHz: TONES_HZ.ada })
      ben.play({ kind: 'tone', frequencyHz: TONES_HZ.ben })
    }
    talk()
    await wait(TALK_MS)
    await client.calls.pauseRecording({ callId })
    await wait(SETTLE_MS)
    ada.play({ kind: 'tone', frequencyHz: TONES_HZ.markerOfAda })
    ben.play({ kind: 'tone', frequencyHz: TONES_HZ.markerOfBen })
    await ada.call(1).sendDigits(DIGITS)
    talk()
    await wait(SETTLE_MS)
    await client.calls.resumeRecording({ callId })
    await wait(TALK_MS)
    cpSync(join(stage.dataFolder, 'journal'), join(folder, 'journal'), { recursive: true })
    const { kek } = derive(readMasterKey(masterKeyFile(stage.dataFolder)))
    await client.calls.hangup(callId)
    const [recording] = await recordingsOf(client, 1)
    if (recording === undefined) throw new Error('the call left no recording')
    const heard = await hear(client, recording.id)
    faults.push(...tracesIn('the MP3', heard))
    faults.push(...tracesInJournal(join(folder, 'journal'), kek))
    await stage.stop()
    const files = [...filesIn(stage.dataFolder)]
    for (const file of files) if (readFileSync(file).includes(DIGITS)) faults.push(`${file} holds the digits`)
    if (stage.server.output.includes(DIGITS)) faults.push('the log holds the digits')
    return { faults, files: files.length }
  } finally {
    await Promise.all(phones.map((phone) => phone.close()))
    await stage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function phoneOf(stage: Stage, user: 'ada' | 'ben', phones: Phone[]): Promise<Phone> {
  const phone = await openPhone({
    ...{ user, password: `demo-radio-${user}`, domain: 'radio.test', autoAnswer: true },
    proxy: { host: '127.0.0.1', port: stage.sipPort },
    source: { kind: 'tone', frequencyHz: TONES_HZ[user] },
  })
  phones.push(phone)
  await phone.register()
  return phone
}

/** A marker in any stretch of any channel; and the talk must be in it, or the search could find nothing at all. */
function tracesIn(
  where: string,
  { channels, sampleRateHz }: Pick<Heard, 'channels' | 'sampleRateHz'>,
): string[] {
  const faults: string[] = []
  const loudest = (hz: number): number =>
    Math.max(...channels.map((channel) => loudestStretch(channel, sampleRateHz, hz)))
  const talk = Math.min(loudest(TONES_HZ.ada), loudest(TONES_HZ.ben))
  if (!(talk > 0.05)) faults.push(`${where} does not hold what was said outside of the pause`)
  for (const hz of [TONES_HZ.markerOfAda, TONES_HZ.markerOfBen]) {
    const share = loudest(hz) / talk
    if (share > HEARD_SHARE_MAX)
      faults.push(`${where} holds the marker of ${hz} Hz, at ${(100 * share).toFixed(1)} % of the talk`)
  }
  return faults
}

function loudestStretch(signal: Float32Array, rateHz: number, hz: number): number {
  const length = Math.round((STRETCH_MS * rateHz) / 1_000)
  let most = 0
  for (let at = 0; at + length <= signal.length; at += length / 2)
    most = Math.max(most, amplitudeAt(windowed(signal.subarray(at, at + length)), rateHz, hz))
  return most
}

/** A Hann window, so that the talk does not spill over into the frequency of a marker. */
function windowed(signal: Float32Array): Float32Array {
  return signal.map((sample, at) => sample * (1 - Math.cos((2 * Math.PI * (at + 0.5)) / signal.length)))
}

function tracesInJournal(folder: string, kek: Uint8Array): string[] {
  const sides: number[][] = [[], []]
  const faults: string[] = []
  for (const file of filesIn(folder)) {
    const reader = new SegmentReader({
      open: openSealed,
      keyFor: (recordingId, wrapped) => unwrapDataKey(openSealed, kek, recordingId, wrapped),
    })
    for (const item of reader.push(readFileSync(file))) {
      if (item.kind !== 'packet') continue
      const type = (item.packet[1] as number) & 0x7f // An RTP packet has a header.
      // RFC 4733 events, and whatever else is no speech of PCMU: keys were pressed in the pause alone.
      if (type !== 0) faults.push(`the journal holds a packet of type ${type}`)
      else sides[item.side]?.push(...item.packet.subarray(12))
    }
  }
  const channels = sides.map((bytes) => {
    const samples = new Int16Array(bytes.length)
    decodeG711('PCMU', Uint8Array.from(bytes), 0, bytes.length, samples)
    return Float32Array.from(samples, (sample) => sample / 32_768)
  })
  return [...faults, ...tracesIn('the journal', { channels, sampleRateHz: RATE_HZ })]
}

function* filesIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (statSync(path).isFile()) yield path
  }
}

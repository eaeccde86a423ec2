/**
 * `npm run demo`: one recorded call, end to end, on loopback. A server, two softphones in processes of their own, a click-to-dial
 * call through the SDK, and a recording that is listened to. Exits 0 only when everything was measured to be true.
 *
 * `--keep` leaves the server and the phones running and prints how to reach them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebexClient } from '@tandem/sdk'
import { until } from './child.ts'
import { amplitudeAt, decodeMp3, loudestFrequency } from './mp3.ts'
import { Stage } from './stage.ts'

const OWNER_HZ = 440
const OTHER_HZ = 880
const TALK_MS = 10_000
const LENGTH_ERROR_MS_MAX = 200
const FREQUENCY_ERROR_HZ_MAX = 10
/** The other side's tone must be this much fainter than the own one: what is left of it is the codec's noise. */
const CROSSTALK_MAX = 0.05

const startedAt = performance.now()

function say(text: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`)
}

function demand(condition: boolean, text: string): void {
  if (!condition) throw new Error(text)
}

async function call(client: WebexClient): Promise<number> {
  const { callId } = await client.calls.dial({ destination: '102' })
  say('dialled 102 through the API: the first phone is rung, then the second')
  const connected = await until('the call is connected', async () =>
    (await client.calls.list()).find((each) => each.state === 'connected'),
  )
  const answeredAt = performance.now()
  demand(connected.callId === callId, 'the connected call has another id than the dialled one')
  say(
    `connected: ${connected.remoteParty.name ?? 'nobody'} answered; each side sends its tone for ${TALK_MS / 1000} s`,
  )
  await new Promise((resolve) => setTimeout(resolve, TALK_MS))
  await client.calls.hangup(callId)
  const talkedMs = performance.now() - answeredAt
  say(`hung up through the API after ${(talkedMs / 1000).toFixed(2)} s`)
  return talkedMs
}

async function listen(stage: Stage, client: WebexClient, talkedMs: number): Promise<void> {
  const hungUpAt = performance.now()
  const recording = await until('the recording is listed', () => client.convergedRecordings.list().first())
  say(
    `listed after ${(performance.now() - hungUpAt).toFixed(0)} ms: ${recording.id}, "${recording.topic}", ${recording.durationSeconds} s, ${recording.sizeBytes} bytes`,
  )
  const details = await client.convergedRecordings.get(recording.id)
  say(
    `details: owner ${details.ownerEmail}, ${details.format}, link until ${details.temporaryDirectDownloadLinks?.expiration}`,
  )
  const metadata = await client.convergedRecordings.getMetadata(recording.id, { showAllTypes: true })
  say(
    `metadata: ${metadata?.serviceData.callingParty?.number} called ${metadata?.serviceData.calledParty?.number}, ${metadata?.serviceData.recordingType}`,
  )

  const download = await client.convergedRecordings.downloadAudio(details)
  const bytes = new Uint8Array(await new Response(download.stream).arrayBuffer())
  const file = join(stage.folder, 'recording.mp3')
  writeFileSync(file, bytes)
  demand(
    bytes.length === recording.sizeBytes,
    `the file has ${bytes.length} bytes, the list says ${recording.sizeBytes}`,
  )
  const { seconds, sampleRateHz, channels } = await decodeMp3(bytes)
  const [left, right] = channels
  if (channels.length !== 2 || left === undefined || right === undefined)
    throw new Error(`the recording has ${channels.length} channels, not 2`)

  const heard = [left, right].map((channel) => loudestFrequency(channel, sampleRateHz))
  say(
    `left ear ${heard[0]} Hz (the owner sent ${OWNER_HZ}), right ear ${heard[1]} Hz (the other sent ${OTHER_HZ})`,
  )
  demand(
    Math.abs((heard[0] ?? 0) - OWNER_HZ) <= FREQUENCY_ERROR_HZ_MAX,
    'the left channel does not hold the owner',
  )
  demand(
    Math.abs((heard[1] ?? 0) - OTHER_HZ) <= FREQUENCY_ERROR_HZ_MAX,
    'the right channel does not hold the other side',
  )
  const crosstalk = amplitudeAt(left, sampleRateHz, OTHER_HZ) / amplitudeAt(left, sampleRateHz, OWNER_HZ)
  demand(
    crosstalk <= CROSSTALK_MAX,
    `the other side is heard in the owner's channel (${crosstalk.toFixed(3)})`,
  )
  const errorMs = Math.round(1000 * seconds - talkedMs)
  say(
    `length ${seconds.toFixed(2)} s against ${(talkedMs / 1000).toFixed(2)} s of talk: off by ${errorMs} ms`,
  )
  demand(
    Math.abs(errorMs) <= LENGTH_ERROR_MS_MAX,
    `the length is off by ${errorMs} ms; ${LENGTH_ERROR_MS_MAX} are allowed`,
  )
  say(`saved as ${file}`)
}

async function main(): Promise<void> {
  const keep = process.argv.includes('--keep')
  const stage = await Stage.open()
  say(`server ready on ${stage.url}, SIP on 127.0.0.1:${stage.sipPort}, data in ${stage.folder}`)
  try {
    const token = await stage.token('ada@radio.test')
    const client = new WebexClient({ token, baseUrl: `${stage.url}/v1` })
    const me = await client.people.me()
    say(`token made for ${me.displayName}`)
    await stage.phone(
      'phone of ada',
      '--user',
      'ada',
      '--password',
      'demo-radio-ada',
      '--domain',
      'radio.test',
      '--auto-answer',
      '--tone',
      String(OWNER_HZ),
    )
    await stage.phone(
      'phone of ben',
      '--user',
      'ben',
      '--password',
      'demo-radio-ben',
      '--domain',
      'radio.test',
      '--auto-answer',
      '--tone',
      String(OTHER_HZ),
    )
    say('two softphones registered over UDP')
    const talkedMs = await call(client)
    await listen(stage, client, talkedMs)
    if (keep) {
      console.log(`\nLeft running: API ${stage.url}/v1, SIP 127.0.0.1:${stage.sipPort}, data ${stage.folder}`)
      console.log(`Token of ada@radio.test: ${token}`)
      console.log('Ctrl-C ends it.')
      await stage.server.exited
      return
    }
  } catch (error) {
    console.error(stage.server.output)
    throw error
  } finally {
    if (!keep) {
      const code = await stage.stop()
      say(`server drained, exit code ${code}`)
    }
  }
  say('the demo is complete')
}

try {
  await main()
  process.exit(0)
} catch (error) {
  console.error(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

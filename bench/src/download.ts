/**
 * What does a signed download cost? The server, in a process of its own on one core, gives a large recording again and
 * again through its link: checked, opened chunk by chunk, counted. The peer is a bare Node server on the same core that
 * streams the same file from the disk. Then the same without encryption, and the memory that slow downloads hold.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../../tools/child.ts'
import { hasProgram } from '../../tools/peers.ts'
import { Stage } from '../../tools/stage.ts'
import type { BenchResult } from './result.ts'

const GOAL = 0.8
const GOAL_ENCRYPTION = 0.75
const GOAL_MEMORY_KB = 256
const READERS = 4
/** Readers that take nothing: each holds what the server holds for one download. */
const SLOW_READERS = 100
const ADMIN_SCOPES = ['spark-admin:recordings_read', 'spark-admin:recordings_write']
/** Ada of the demo directory owns the recording and administers. */
const OWNER = 'ada@radio.test'

const BARE = `
  const { createServer } = await import('node:http')
  const { createReadStream, statSync } = await import('node:fs')
  const file = process.argv[1]
  const size = statSync(file).size
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': size })
    createReadStream(file).pipe(response)
  })
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port))
`

/** The benchmark. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'tandem-bench-download-'))
  const file = join(scratch, 'recording.mp3')
  writeFileSync(file, silentMp3(tiny ? 2 : 48))
  const pinned = hasProgram('taskset') ? ['taskset', '-c', '0'] : []
  const rounds = tiny ? 1 : 5
  const seconds = tiny ? 0.3 : 2
  const bareArgs = [...pinned, process.execPath, '--input-type=module', '-e', BARE, file]
  const bare = new Child('bare server', bareArgs[0] as string, bareArgs.slice(1))
  const stages: Stage[] = []
  try {
    const [, port] = await bare.waitFor(/port (\d+)/, 10_000)
    const sealed = await openLibrary(file, pinned, 'on')
    stages.push(sealed.stage)
    const hashed = await openLibrary(file, pinned, 'off')
    stages.push(hashed.stage)
    const rates: { ours: number; plain: number; bare: number }[] = []
    for (let round = 0; round < rounds; round++) {
      // Alternately, so that a slow spell of the machine meets all three.
      rates.push({
        bare: await throughput(`http://127.0.0.1:${port}/`, seconds),
        ours: await throughput(sealed.link, seconds),
        plain: await throughput(hashed.link, seconds),
      })
    }
    const median = (pick: (rate: (typeof rates)[number]) => number): number =>
      rates.map(pick).toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] as number
    const ratio = median((rate) => rate.ours / rate.bare)
    const encryption = median((rate) => rate.ours / rate.plain)
    const heldKb = await memoryHeld(sealed)
    const oursMb = median((rate) => rate.ours) / 1e6
    return {
      bench: 'download',
      value: Math.round(oursMb),
      unit: 'MB/s through signed links, encrypted, one core',
      against: `a bare Node stream of the same file, ${Math.round(median((rate) => rate.bare) / 1e6)} MB/s`,
      ratio: rounded(ratio),
      goal: GOAL,
      ok: ratio >= GOAL && encryption >= GOAL_ENCRYPTION && heldKb <= GOAL_MEMORY_KB,
      checksum: Math.round(oursMb * 1_000),
      details: {
        'without encryption, MB/s': Math.round(median((rate) => rate.plain) / 1e6),
        [`encrypted / not encrypted (goal ${GOAL_ENCRYPTION})`]: rounded(encryption),
        [`memory of one slow download, kB (goal ${GOAL_MEMORY_KB})`]: Math.round(heldKb),
      },
    }
  } finally {
    await bare.stop()
    for (const stage of stages) await stage.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

interface OpenLibrary {
  readonly stage: Stage
  readonly link: string
}

/** A server that holds the file as an imported recording, and a link to it. */
async function openLibrary(
  file: string,
  pinned: readonly string[],
  encryption: 'on' | 'off',
): Promise<OpenLibrary> {
  const stage = await Stage.open({
    wrapper: pinned,
    settings: { TANDEM_LOG_LEVEL: 'error', TANDEM_DRAIN_SECONDS: '1', TANDEM_ENCRYPTION: encryption },
  })
  const admin = await stage.token('ada@radio.test', ADMIN_SCOPES)
  const bytes = readFileSync(file)
  const created = await ask(stage, admin, 'POST', '/tandem/v1/imports', {
    ownerEmail: OWNER,
    topic: 'A long talk',
    sizeBytes: bytes.length,
  })
  const answer = await fetch(`${stage.url}/tandem/v1/imports/${created['id']}/media`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/octet-stream' },
    body: bytes,
  })
  const done = (await answer.json()) as Record<string, unknown>
  const recordingId = String(done['recordingId'])
  const owner = await stage.token(OWNER)
  const details = await ask(stage, owner, 'GET', `/v1/convergedRecordings/${recordingId}`)
  const links = details['temporaryDirectDownloadLinks'] as { audioDownloadLink: string }
  return { stage, link: links.audioDownloadLink }
}

async function ask(
  stage: Stage,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${stage.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** Bytes a second that some readers get together. */
async function throughput(url: string, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  const startedAt = performance.now()
  const until = startedAt + seconds * 1_000
  let bytes = 0
  const read = async (): Promise<void> => {
    while (performance.now() < until) {
      const response = await open(url, agent)
      for await (const chunk of response) bytes += (chunk as Buffer).length
    }
  }
  await Promise.all(Array.from({ length: READERS }, read))
  const took = (performance.now() - startedAt) / 1_000
  agent.destroy()
  return bytes / took
}

function open(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpGet(url, { agent }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`${url}: ${response.statusCode}`))
    })
    request.on('error', reject)
  })
}

/** How much the server grows, in kilobytes, for each download whose reader has stopped reading. */
async function memoryHeld({ stage, link }: OpenLibrary): Promise<number> {
  const agent = new Agent({ keepAlive: false, maxSockets: SLOW_READERS })
  const before = residentKb(stage)
  const responses = await Promise.all(Array.from({ length: SLOW_READERS }, () => open(link, agent)))
  for (const response of responses) response.pause()
  await wait(1_500)
  const grown = residentKb(stage) - before
  for (const response of responses) response.destroy()
  agent.destroy()
  return Math.max(0, grown) / SLOW_READERS
}

function residentKb(stage: Stage): number {
  const status = readFileSync(`/proc/${stage.server.process.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
}

/** A valid MP3 of some megabytes: one frame of silence, MPEG-2.5 layer III, 64 kbit/s, 8 kHz, again and again. */
function silentMp3(megabytes: number): Buffer {
  const frameBytes = 576 // 72 ms x 64 kbit/s / 8.
  const frame = Buffer.alloc(frameBytes)
  frame.writeUInt32BE(0xffe38800) // Sync, MPEG-2.5, layer III, no CRC; 64 kbit/s, 8 kHz; stereo.
  return Buffer.concat(Array.from({ length: Math.ceil((megabytes * 1e6) / frameBytes) }, () => frame))
}

function rounded(ratio: number): number {
  return Math.round(ratio * 1_000) / 1_000
}

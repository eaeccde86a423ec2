/** A transcription endpoint for tests: a real HTTP server that takes the multipart apart and answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { amplitudeAt } from './test-audio.ts'

/** One request as it came. */
export interface Sent {
  readonly path: string
  readonly authorization: string | undefined
  /** All fields but the file. */
  readonly fields: Readonly<Record<string, string>>
  readonly fileName: string
  readonly fileBytes: number
  /** Of a WAV file with one channel of 16 bits; empty for any other. */
  readonly pcm: Int16Array
  readonly rateHz: number
  /** Whether 440 Hz, the tone of the owner, is louder than 880 Hz. */
  readonly left: boolean
}

/** An answer; `never` lets the client wait, `hangUp` breaks the connection. */
export type Reply = Readonly<{
  status?: number
  headers?: Readonly<Record<string, string>>
  json?: unknown
  text?: string
  never?: boolean
  hangUp?: boolean
}>

/** A running endpoint. */
export interface TestEndpoint {
  readonly url: string
  readonly sent: readonly Sent[]
  close(): Promise<void>
}

/** Starts one on a free port of this machine. */
export async function startTestEndpoint(
  reply: (sent: Sent, index: number) => Reply | Promise<Reply>,
): Promise<TestEndpoint> {
  const sent: Sent[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = await readRequest(request)
    sent.push(one)
    const { hangUp, headers = {}, json, never, status = 200, text } = await reply(one, sent.length - 1)
    if (hangUp === true) request.socket.destroy()
    else if (never !== true)
      response.writeHead(status, headers).end(json === undefined ? text : JSON.stringify(json))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // It listens on a port.
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, sent, close }
}

async function readRequest(request: IncomingMessage): Promise<Sent> {
  const body = await Array.fromAsync<Buffer>(request)
  const type = request.headers['content-type'] ?? ''
  const form = await new Response(Buffer.concat(body), { headers: { 'content-type': type } }).formData()
  const fields: Record<string, string> = {}
  for (const [name, value] of form) if (typeof value === 'string') fields[name] = value
  const file = form.get('file') as File // A request without one fails the test.
  const bytes = Buffer.from(await file.arrayBuffer())
  const { pcm, rateHz } = readWav(bytes)
  return {
    path: request.url ?? '',
    authorization: request.headers.authorization,
    fields,
    fileName: file.name,
    fileBytes: bytes.length,
    pcm,
    rateHz,
    left: amplitudeAt(pcm, rateHz, 440) > amplitudeAt(pcm, rateHz, 880),
  }
}

/** Reads a WAV file by its header alone; empty when it is none or its lengths are wrong. */
function readWav(bytes: Buffer): { readonly pcm: Int16Array; readonly rateHz: number } {
  const none = { pcm: new Int16Array(), rateHz: 0 }
  if (
    bytes.length < 44 ||
    bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 16) !== 'RIFFWAVEfmt '
  )
    return none
  const isMono16 =
    bytes.readUInt16LE(20) === 1 && bytes.readUInt16LE(22) === 1 && bytes.readUInt16LE(34) === 16
  if (!isMono16 || bytes.readUInt32LE(4) !== bytes.length - 8 || bytes.readUInt32LE(40) !== bytes.length - 44)
    return none
  const pcm = new Int16Array((bytes.length - 44) / 2)
  for (let at = 0; at < pcm.length; at++) pcm[at] = bytes.readInt16LE(44 + 2 * at)
  return { pcm, rateHz: bytes.readUInt32LE(24) }
}

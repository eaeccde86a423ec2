/**
 * rtpengine as the peer of the relay benchmark: one userspace thread, driven by its ng protocol (a cookie, a blank, a
 * bencoded dictionary, by UDP).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { existsSync } from 'node:fs'

const PROGRAM = '/usr/bin/rtpengine'
const HOST = '127.0.0.1'
const NG_PORT = 19_531
const ASK_MS = 500
const TRIES_MAX = 12

/** Whether the peer is there at all. */
export function hasRtpengine(): boolean {
  return existsSync(PROGRAM)
}

/** A running rtpengine with its calls. */
export interface Peer {
  readonly pid: number
  /** Where each leg sends, leg by leg. */
  readonly ports: readonly number[]
  stop(): void
}

/** Starts it with `calls` calls whose legs speak from `base` on. */
export async function startRtpengine(calls: number, base: number): Promise<Peer> {
  const child: ChildProcess = spawn(
    PROGRAM,
    [
      '--config-file=none',
      '--foreground',
      '--table=-1',
      `--interface=${HOST}`,
      `--listen-ng=${HOST}:${NG_PORT}`,
      '--port-min=20000',
      '--port-max=29999',
      '--num-threads=1',
      '--log-stderr',
      '--log-level=2',
    ],
    { stdio: 'ignore' },
  )
  const ng = new Ng()
  try {
    const ports: number[] = []
    await ng.ask({ command: 'ping' })
    for (let call = 0; call < calls; call++) {
      const common = {
        'call-id': `call${call}`,
        'from-tag': 'a',
        replace: ['origin', 'session-connection'],
        ICE: 'remove',
      }
      const offer = await ng.ask({ ...common, command: 'offer', sdp: sdpOf(base + 4 * call) })
      const answer = await ng.ask({
        ...common,
        command: 'answer',
        'to-tag': 'b',
        sdp: sdpOf(base + 4 * call + 2),
      })
      ports.push(portIn(answer), portIn(offer)) // Each side is shown the other one's port.
    }
    return { pid: child.pid ?? 0, ports, stop: () => child.kill() }
  } catch (error) {
    child.kill()
    throw error
  } finally {
    ng.close()
  }
}

function sdpOf(port: number): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${HOST}`,
    's=-',
    `c=IN IP4 ${HOST}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=ptime:20',
    '',
  ].join('\r\n')
}

function portIn(answer: string): number {
  return Number(/m=audio (\d+) /.exec(answer)?.[1] ?? 0)
}

type Bencodable = string | readonly string[] | { readonly [key: string]: Bencodable }

function bencode(value: Bencodable): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`
  if (Array.isArray(value)) return `l${value.map(bencode).join('')}e`
  const keys = Object.keys(value).sort()
  return `d${keys.map((key) => bencode(key) + bencode((value as Record<string, Bencodable>)[key] ?? '')).join('')}e`
}

/** Asks over UDP, again until it is answered. Answers are searched as text: all we want of one is a port. */
class Ng {
  readonly #socket = dgram.createSocket('udp4')
  #cookies = 0

  async ask(question: Bencodable): Promise<string> {
    const cookie = `t${++this.#cookies}`
    const answered = new Promise<string>((resolve) => {
      const hear = (bytes: Buffer): void => {
        const text = bytes.toString('latin1')
        if (!text.startsWith(`${cookie} `)) return
        this.#socket.off('message', hear)
        resolve(text)
      }
      this.#socket.on('message', hear)
    })
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      this.#socket.send(`${cookie} ${bencode(question)}`, NG_PORT, HOST)
      const text = await Promise.race([answered, pause(ASK_MS)])
      if (text === undefined) continue
      if (text.includes('6:result5:error')) throw new Error(`rtpengine refuses: ${text}`)
      return text
    }
    throw new Error('rtpengine does not answer')
  }

  close(): void {
    this.#socket.close()
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms))
}

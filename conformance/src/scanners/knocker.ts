/**
 * A SIP client that keeps no rule: it says over UDP, from whatever loopback address it likes, what it is told to say, and gives
 * back the final answer. Requests that come to it are kept, and answered as it is told.
 */
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { parseCSeq, parseMessage, parseVia, type SipRequest, type SipResponse } from '@tandem/sip'
import { type Challenge, challengeOf, credentials, type Forgery } from './digest.ts'
import { DOMAIN } from './house.ts'

const SERVER = '127.0.0.1'
const ANSWER_MS_MAX = 5_000
const RESEND_MS = 500

/** What is asked. Left out: of `user`, to `user`, in the domain of the house. */
export interface Asked {
  readonly user: string
  readonly uri?: string
  readonly from?: string
  readonly to?: string
  readonly callId?: string
  readonly cseq?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** How a request that came is answered: status, further headers, and a body. */
export interface Reply {
  readonly status: number
  readonly headers?: readonly string[]
  readonly body?: string
}

/** One socket that knocks. */
export class Knocker {
  readonly host: string
  readonly #socket: Socket
  readonly #serverPort: number
  #isOpen = true
  readonly #waiting = new Map<string, (response: SipResponse) => void>()
  /** Every request that came, copies included, oldest first. */
  readonly requests: SipRequest[] = []
  /** Answers requests but ACK; undefined keeps silent. */
  reply: (request: SipRequest) => Reply | undefined = () => ({ status: 200 })

  private constructor(socket: Socket, host: string, serverPort: number) {
    this.#socket = socket
    this.host = host
    this.#serverPort = serverPort
    socket.on('message', (bytes) => this.#take(bytes))
  }

  /** Binds a free port of `host`, an address in 127.0.0.0/8. */
  static async open(serverPort: number, host = '127.0.0.1'): Promise<Knocker> {
    const socket = createSocket('udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new Knocker(socket, host, serverPort)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Says a request, again until it is answered, and resolves with the final answer. */
  async ask(method: string, asked: Asked): Promise<SipResponse> {
    const { user } = asked
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`
    const address = `sip:${user}@${DOMAIN}`
    const uri = asked.uri ?? (method === 'REGISTER' ? `sip:${DOMAIN}` : address)
    const tag = randomBytes(4).toString('hex')
    const head = [
      `Via: SIP/2.0/UDP ${this.host}:${this.port};branch=${branch}`,
      `From: ${asked.from ?? `<${address}>`};tag=${tag}`,
      `Call-ID: ${asked.callId ?? randomBytes(8).toString('hex')}`,
      'Max-Forwards: 70',
    ]
    const cseq = asked.cseq ?? 1
    const rest = (asked.headers ?? []).map(([name, value]) => `${name}: ${value}`)
    const isCall = method === 'INVITE' && !rest.some((line) => line.startsWith('Contact:'))
    if (isCall) rest.push(`Contact: <sip:${user}@${this.host}:${this.port}>`)
    const body = asked.body ?? ''
    const to = asked.to ?? `<${address}>`
    const text = messageOf(
      [`${method} ${uri} SIP/2.0`, ...head, `To: ${to}`, `CSeq: ${cseq} ${method}`, ...rest],
      body,
    )
    const answer = await this.#exchange(branch, text)
    if (method === 'INVITE' && answer.status >= 300) {
      const answered = answer.headers.get('To') ?? to
      this.#send(messageOf([`ACK ${uri} SIP/2.0`, ...head, `To: ${answered}`, `CSeq: ${cseq} ACK`], ''))
    }
    return answer
  }

  /** A challenge, got by asking without a login. */
  async challenge(user: string): Promise<Challenge> {
    return challengeOf(await this.ask('REGISTER', { user }))
  }

  /** One REGISTER with credentials under the challenge, made or spoiled as `forgery` says; resolves with its status. */
  async logIn(
    user: string,
    forgery: Challenge & Partial<Forgery> & { readonly password: string },
  ): Promise<number> {
    const whole = { user, method: 'REGISTER', uri: `sip:${DOMAIN}`, ...forgery }
    const headers = [...this.#contact(user), ['Authorization', credentials(whole)] as const]
    return (await this.ask('REGISTER', { user, headers, cseq: 2 })).status
  }

  /** Registers with the right password or another, under a challenge of its own; resolves with the answer. */
  async register(
    user: string,
    password: string,
    headers: readonly (readonly [string, string])[] = this.#contact(user),
  ): Promise<SipResponse> {
    return await this.askWithLogin('REGISTER', { user, headers, password, uri: `sip:${DOMAIN}` })
  }

  /** Asks without a login, then with one under the challenge that came. */
  async askWithLogin(
    method: string,
    asked: Asked & { readonly password: string; readonly uri: string },
  ): Promise<SipResponse> {
    const { user, password, uri } = asked
    const first = await this.ask(method, asked)
    if (first.status !== 401) return first
    const login = credentials({ ...challengeOf(first), user, password, method, uri })
    return await this.ask(method, {
      ...asked,
      cseq: 2,
      headers: [...(asked.headers ?? []), ['Authorization', login]],
    })
  }

  /** Frees the socket. Safe to repeat. */
  close(): void {
    if (this.#isOpen) this.#socket.close()
    this.#isOpen = false
  }

  #contact(user: string): (readonly [string, string])[] {
    return [
      ['Contact', `<sip:${user}@${this.host}:${this.port}>`],
      ['Expires', '600'],
    ]
  }

  async #exchange(branch: string, text: string): Promise<SipResponse> {
    const resend = setInterval(() => this.#send(text), RESEND_MS)
    let giveUp: NodeJS.Timeout | undefined
    try {
      return await new Promise<SipResponse>((resolve, reject) => {
        const failed = (): void => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms to ${text}`))
        giveUp = setTimeout(failed, ANSWER_MS_MAX)
        this.#waiting.set(branch, resolve)
        this.#send(text)
      })
    } finally {
      clearInterval(resend)
      clearTimeout(giveUp)
      this.#waiting.delete(branch)
    }
  }

  #take(bytes: Buffer): void {
    const message = parseMessage(bytes)
    if (message.kind === 'response') {
      const branch = parseVia(message.headers.get('Via') ?? '')?.params.get('branch') ?? ''
      if (message.status >= 200) this.#waiting.get(branch)?.(message)
    } else if (message.kind === 'request') {
      this.requests.push(message)
      const reply = message.method === 'ACK' ? undefined : this.reply(message)
      if (reply !== undefined) this.#answer(message, reply)
    }
  }

  #answer(request: SipRequest, { status, headers = [], body = '' }: Reply): void {
    const { headers: given } = request
    const cseq = parseCSeq(given.get('CSeq') ?? '')
    const to = given.get('To') ?? ''
    this.#send(
      messageOf(
        [
          `SIP/2.0 ${status} As Told`,
          ...given.all('Via').map((via) => `Via: ${via}`),
          ...given.all('Record-Route').map((route) => `Record-Route: ${route}`),
          `From: ${given.get('From')}`,
          `To: ${to.includes('tag=') ? to : `${to};tag=knocker`}`,
          `Call-ID: ${given.get('Call-ID')}`,
          `CSeq: ${cseq?.number} ${cseq?.method}`,
          `Contact: <sip:knocker@${this.host}:${this.port}>`,
          ...headers,
        ],
        body,
      ),
    )
  }

  #send(text: string): void {
    this.#socket.send(text, this.#serverPort, SERVER)
  }
}

function messageOf(lines: readonly string[], body: string): string {
  const type = body === '' ? [] : ['Content-Type: application/sdp']
  return [...lines, ...type, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}

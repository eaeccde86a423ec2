/**
 * What a phone said and was told, in short: `-> NOTIFY hold 200` was sent to it by the server, `<- INVITE sendonly 200` came
 * from it. Each request stands once, with the final status it met; ACK, provisional answers and challenges are left out.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parseCSeq, parseMessage, type SipMessage, type SipRequest } from '@tandem/sip'

interface Exchange {
  readonly text: string
  status: number | undefined
  /** Something of it has happened since the last mark. */
  isNew: boolean
}

/** The exchanges of one phone, in order. */
export class Wire {
  readonly #exchanges = new Map<string, Exchange>()

  /** Takes a message; `in` is what the phone receives. */
  take(message: SipMessage, way: 'in' | 'out'): void {
    const cseq = parseCSeq(message.headers.get('CSeq') ?? '')
    const via = message.headers.get('Via') ?? ''
    if (cseq === undefined || cseq.method === 'ACK' || cseq.method === 'REGISTER') return
    const branch = /branch=([^;,\s]+)/.exec(via)?.[1] ?? ''
    const fromServer = (way === 'in') === (message.kind === 'request')
    const key = `${fromServer ? '->' : '<-'} ${cseq.method} ${branch}`
    if (message.kind === 'request') {
      if (!this.#exchanges.has(key))
        this.#exchanges.set(key, {
          text: `${fromServer ? '->' : '<-'} ${brief(message)}`,
          status: undefined,
          isNew: true,
        })
      return
    }
    const exchange = this.#exchanges.get(key)
    if (exchange === undefined || message.status < 200 || exchange.status !== undefined) return
    exchange.status = message.status
    exchange.isNew = true
  }

  /** Forgets what was said so far. */
  mark(): void {
    for (const exchange of this.#exchanges.values()) exchange.isNew = false
  }

  /** Since the last mark. */
  get lines(): string[] {
    return [...this.#exchanges.values()]
      .filter(({ isNew, status }) => isNew && status !== 401 && status !== 407)
      .map(({ text, status }) => (status === undefined ? text : `${text} ${status}`))
  }
}

/** What is seen of a phone's wire. */
export type WireView = Pick<Wire, 'mark' | 'lines'>

/** The wire of SIPp, read from the file in which it keeps its messages. */
export class SippWire implements WireView {
  readonly #file: string
  #marked = 0

  constructor(file: string) {
    this.#file = file
  }

  mark(): void {
    this.#marked = this.#messages().length
  }

  get lines(): string[] {
    const wire = new Wire()
    for (const [index, { message, way }] of this.#messages().entries()) {
      if (index === this.#marked) wire.mark()
      wire.take(message, way)
    }
    return this.#marked >= this.#messages().length ? [] : wire.lines
  }

  #messages(): { readonly message: SipMessage; readonly way: 'in' | 'out' }[] {
    if (!existsSync(this.#file)) return []
    const parts = readFileSync(this.#file, 'latin1').split(/^-{20,}.*$/m)
    return parts.flatMap((part) => {
      const [, way, text] = /^\s*UDP message (sent|received)[^\n]*\n\n(.*)$/s.exec(part) ?? []
      if (text === undefined) return []
      const message = parseMessage(Buffer.from(`${text.trimEnd()}\r\n\r\n`, 'latin1'))
      if (message.kind !== 'request' && message.kind !== 'response') return []
      return [{ message, way: way === 'sent' ? ('out' as const) : ('in' as const) }]
    })
  }
}

/** The method, and what of the rest makes a difference. */
function brief({ method, headers, body }: SipRequest): string {
  const text = new TextDecoder().decode(body)
  const direction = /^a=(sendonly|recvonly|inactive)\r?$/m.exec(text)?.[1]
  const facts = [
    method,
    headers.get('Event')?.split(';')[0],
    direction,
    (headers.get('Call-Info') ?? '').includes('answer-after') ? 'auto-answer' : undefined,
    (headers.get('Refer-To') ?? '').includes('Replaces') ? 'Replaces' : undefined,
    headers.has('Replaces') ? 'Replaces' : undefined,
    headers.has('Require') ? `Require:${headers.get('Require')}` : undefined,
    /text="([^"]+)"/.exec(headers.get('Reason') ?? '')?.[1],
    /^SIP\/2\.0 (\d{3})/.exec(text)?.[0],
  ]
  return facts.filter((fact) => fact !== undefined).join(' ')
}

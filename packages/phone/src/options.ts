/** What a phone is made with. Everything has a default but who it is and where its server stands. */
import type { SipMessage } from '@tandem/sip'
import type { VoiceSource } from './voice/source.ts'

/** Options of `openPhone`. */
export interface PhoneOptions {
  /** User part of the address of record, and the name for digest. */
  readonly user: string
  readonly password: string
  /** The SIP domain: host part of the address of record, and where plain numbers are dialled. */
  readonly domain: string
  /** Where all requests go: the server. A host name is resolved once. */
  readonly proxy: { readonly host: string; readonly port: number; readonly transport?: 'udp' | 'tcp' }
  /** Address and SIP port of ours. Default: the address that reaches the proxy, any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  /** Answers by itself: always, after a time, or only when the caller's headers ask for it. Default: never. */
  readonly autoAnswer?: boolean | 'header' | { readonly afterMs: number }
  /** Advertises `Allow-Events: talk, hold` and obeys such a NOTIFY. Default false. */
  readonly honourTalk?: boolean
  /** Calls where a REFER of the peer says (RFC 3515), and tells it how that goes. Default false: 603. */
  readonly honourRefer?: boolean
  /** Calls at once, 1 to 16; a further caller hears busy. Default 4. */
  readonly maxCalls?: number
  /** Every caller hears busy. Default false. */
  readonly doNotDisturb?: boolean
  /** In order of preference. Default PCMU, PCMA. */
  readonly codecs?: readonly ('PCMU' | 'PCMA')[]
  /** The packet time that we like to receive, 10 to 60. Default 20. */
  readonly ptimeMs?: number
  /** What the phone says in calls. Default silence. */
  readonly source?: VoiceSource
  /** Writes what it hears here; call 2 of the phone goes to `NAME-2.wav`, and so on. */
  readonly recordTo?: string
  /** Is given what is heard in each call, 20 ms at a time; the samples are the phone's again when it returns. */
  readonly onHeard?: (samples: Int16Array, call: number) => void
  /** Is shown every SIP message that comes or goes, for a ladder. */
  readonly onMessage?: (message: SipMessage, way: 'in' | 'out') => void
  /** Asked of the registrar. Default 300. */
  readonly registerExpiresSeconds?: number
  /** Display name in From. */
  readonly name?: string
}

/** What a call of ours is placed with. */
export interface DialOptions {
  /** The line it is placed for, when that is not our own: a number of the domain, `user@domain` or a SIP URI. */
  readonly from?: string
  /** Hides our number from the callee: an anonymous From and `Privacy: id` (RFC 3323, RFC 3325). */
  readonly anonymous?: boolean
  /** Further header fields of the INVITE. */
  readonly headers?: Iterable<readonly [string, string]>
  /** What the phone says in this call, in place of its usual source. */
  readonly source?: VoiceSource
  /** Where to write what is heard in this call, in place of the phone's usual file. */
  readonly recordTo?: string
}

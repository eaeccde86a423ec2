/** What a phone is made with. Everything has a default but who it is and where its server stands. */
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
  /** In order of preference. Default PCMU, PCMA. */
  readonly codecs?: readonly ('PCMU' | 'PCMA')[]
  /** The packet time that we like to receive, 10 to 60. Default 20. */
  readonly ptimeMs?: number
  /** What the phone says in calls. Default silence. */
  readonly source?: VoiceSource
  /** Writes what it hears here; the second call of the phone goes to `NAME-2.wav`, and so on. */
  readonly recordTo?: string
  /** Asked of the registrar. Default 300. */
  readonly registerExpiresSeconds?: number
  /** Display name in From. */
  readonly name?: string
}

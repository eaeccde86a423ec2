/**
 * The certificate of the REST API: read and checked at start, where anything wrong is one sentence, and read again when
 * its files have changed. A changed certificate that cannot be used changes nothing: the one before stays in use, with
 * an alarm.
 *
 * Files are asked for their state every few seconds, which sees a replaced link or a mounted secret where a watch of the
 * system would not; a change counts when the files have rested for one look, so that a half-written pair is not read.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls'
import type { Logger } from '@tandem/base'
import type { Config } from '../config/settings.ts'
import type { AlarmIds, RaisesAlarms } from '../observe/alarms.ts'
import { StartFailure } from '../start-failure.ts'

/** How often the files are looked at. */
const LOOK_MS = 2_000
/** So long before the end of a certificate its alarm is raised: two tries of a monthly renewal. */
export const EXPIRY_ALARM_DAYS = 14
const DAY_MS = 24 * 60 * 60 * 1_000

/** The settings that name a certificate. */
export type TlsSettings = Pick<Config, 'tlsCertificateFile' | 'tlsKeyFile' | 'tlsMinVersion'>

/** A certificate that has been read and fits its key. */
export interface TlsCertificate {
  readonly options: SecureContextOptions
  /** When it ends, Unix milliseconds. */
  readonly endsAt: number
  /** Of its files, from before they were read. */
  readonly state: string
}

/** Reads and checks the pair; undefined when none is configured. Throws `StartFailure`. */
export async function readCertificate(settings: TlsSettings): Promise<TlsCertificate | undefined> {
  const { tlsCertificateFile, tlsKeyFile, tlsMinVersion } = settings
  if (tlsCertificateFile === '') return undefined
  const state = await stateOf(settings)
  const cert = await readPem(tlsCertificateFile, 'certificate', '--tls-certificate-file')
  const key = await readPem(tlsKeyFile, 'key', '--tls-key-file')
  const leaf = parsed(() => new X509Certificate(cert))
  if (leaf === undefined)
    throw new StartFailure(`The certificate file ${tlsCertificateFile} holds no certificate in PEM.`)
  const secret = parsed(() => createPrivateKey(key))
  if (secret === undefined)
    throw new StartFailure(
      `The key file ${tlsKeyFile} holds no private key in PEM, or one with a passphrase: take that off.`,
    )
  if (!leaf.checkPrivateKey(secret))
    throw new StartFailure(
      `The certificate ${tlsCertificateFile} does not belong to the key ${tlsKeyFile}: give the pair that was made together.`,
    )
  const options = { cert, key, minVersion: tlsMinVersion as SecureVersion } // The setting has these two choices.
  if (parsed(() => createSecureContext(options)) === undefined)
    throw new StartFailure(
      `The certificate ${tlsCertificateFile} cannot be used by TLS: it may be of a kind or length that is too weak.`,
    )
  return { options, endsAt: Date.parse(leaf.validTo), state }
}

/** What a watch works with. */
export interface CertificateWatchOptions {
  readonly settings: TlsSettings
  readonly certificate: TlsCertificate
  readonly alarms: RaisesAlarms
  readonly logger: Logger
  /** Takes a changed certificate into use: connections that stand keep theirs. */
  readonly use: (options: SecureContextOptions) => void
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** Follows the files of a certificate. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions
  #certificate: TlsCertificate
  /** State of the files that the certificate in use, or the last refused one, came from. */
  #judged: string
  #seen: string | undefined
  #refused: AlarmIds | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: CertificateWatchOptions) {
    this.#options = options
    this.#certificate = options.certificate
    this.#judged = options.certificate.state
  }

  /** Looks now and then every few seconds. */
  start(): void {
    void this.look()
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Days until the certificate in use ends; below zero when it has. */
  get daysLeft(): number {
    return (this.#certificate.endsAt - (this.#options.now ?? Date.now)()) / DAY_MS
  }

  /** Looks at the files once; takes a pair into use that is new and has rested. Never rejects. */
  async look(): Promise<void> {
    const { settings } = this.#options
    const state = await stateOf(settings)
    const rested = state === this.#seen
    this.#seen = state
    if (rested && state !== this.#judged) {
      this.#judged = state
      await this.#reload()
    }
    this.#watchExpiry()
  }

  async #reload(): Promise<void> {
    const { alarms, logger, settings, use } = this.#options
    if (this.#refused !== undefined) alarms.clear('certificate-refused', this.#refused)
    this.#refused = undefined
    try {
      const certificate = await readCertificate(settings)
      if (certificate === undefined) return
      use(certificate.options)
      this.#certificate = certificate
      logger.info('The certificate was changed', { endsAt: new Date(certificate.endsAt).toISOString() })
    } catch (error) {
      this.#refused = { why: error instanceof StartFailure ? error.message : 'TLS refused it' }
      alarms.alarm('certificate-refused', this.#refused)
    }
  }

  #watchExpiry(): void {
    const { alarms } = this.#options
    if (this.daysLeft < EXPIRY_ALARM_DAYS) alarms.alarm('certificate-expires')
    else alarms.clear('certificate-expires')
  }
}

async function readPem(file: string, what: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartFailure(
      `The ${what} file ${file} cannot be read (${code}): check ${flag} and the rights of the file.`,
    )
  }
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined // OpenSSL's own words say nothing that a person could act on.
  }
}

async function stateOf({ tlsCertificateFile, tlsKeyFile }: TlsSettings): Promise<string> {
  const states = await Promise.all(
    [tlsCertificateFile, tlsKeyFile].map((file) =>
      stat(file).then(
        ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
        () => 'absent',
      ),
    ),
  )
  return states.join(', ')
}

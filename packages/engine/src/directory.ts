/**
 * What the engine knows of people and phones: a read-only snapshot that the server makes from the database and
 * replaces as a whole when something changes. Every name is looked up inside one organisation.
 */

/** How a person's calls are recorded (call-recording settings of the contract). */
export type RecordingMode =
  | 'Always'
  | 'Always with Pause/Resume'
  | 'On Demand with User Initiated Start'
  | 'Never'

/** An organisation: a world of its own. Its SIP domains name it. */
export interface DirectoryOrganization {
  readonly id: string
  readonly name: string
  /** SIP domains, lower case; unique across organisations. */
  readonly domains: readonly string[]
}

/** A calling location. */
export interface DirectoryLocation {
  readonly id: string
  readonly orgId: string
  readonly name: string
}

/** A person with a line. */
export interface DirectoryPerson {
  readonly id: string
  readonly orgId: string
  readonly locationId: string
  readonly displayName: string
  readonly email: string
  readonly extension: string
  /** E.164 numbers beside the extension. */
  readonly numbers: readonly string[]
  readonly recording: RecordingMode
}

/** A phone of one person, with what its digest is checked against (RFC 3261 §22, RFC 8760). */
export interface DirectoryDevice {
  readonly id: string
  readonly orgId: string
  readonly personId: string
  readonly name: string
  /** User part of its address of record and digest user name; unique in the organisation. */
  readonly sipUser: string
  /** H(user:realm:password), lower-case hex; the realm is the organisation's first domain. */
  readonly ha1Md5: string
  readonly ha1Sha256: string
}

/** The whole directory, as plain data that can be posted to a thread. */
export interface DirectorySnapshot {
  readonly organizations: readonly DirectoryOrganization[]
  readonly locations: readonly DirectoryLocation[]
  readonly people: readonly DirectoryPerson[]
  readonly devices: readonly DirectoryDevice[]
}

/** One contact of one device, as the registrar keeps it (RFC 3261 §10.3); survives restarts. */
export interface Binding {
  readonly orgId: string
  readonly deviceId: string
  /** Contact URI as the phone gave it. */
  readonly contact: string
  /** `+sip.instance` (RFC 5626) when sent: a restarted phone replaces its old binding by it. */
  readonly instance?: string
  readonly callId: string
  readonly cseq: number
  /** Unix milliseconds. */
  readonly expiresAt: number
  /** Path header values, outermost first (RFC 3327). */
  readonly path: readonly string[]
  /** Where calls go: where the REGISTER came from, the way back through NAT; for a phone in the open at its Contact's port. */
  readonly received: {
    readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'
    readonly host: string
    readonly port: number
  }
  readonly userAgent?: string
  /** Events that the phone said it takes (`Allow-Events`), a hint until its dialogs say it again. */
  readonly allowEvents: readonly string[]
}

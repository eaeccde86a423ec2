/**
 * What the engine knows of lines and phones: a read-only snapshot that the server makes from the database and
 * replaces as a whole when something changes. Every name is looked up inside one organisation.
 */

/** How a line's calls are recorded (contract, call-recording settings §2). */
export type RecordingMode =
  | 'Always'
  | 'Always with Pause/Resume'
  | 'On Demand with User Initiated Start'
  | 'Never'

/** The moments at which a recording may be announced (contract, call-recording settings §1, `announcements`). */
export type AnnouncementEvent =
  | 'start'
  | 'stop'
  | 'pause'
  | 'resume'
  | 'failureEndWithCall'
  | 'failureProceedWithCall'

/** What happens to a call whose recording fails (contract, call-recording settings §4). */
export type RecordingFailurePolicy = 'proceed' | 'proceedWithAnnouncement' | 'endCallWithAnnouncement'

/** The call-recording settings of one line; recording that is switched off is `Never` here. */
export interface RecordingSettings {
  readonly mode: RecordingMode
  /** Voicemail that others leave for this line becomes a recording of its own. */
  readonly voicemail?: boolean
  /** Start and end are announced in calls inside the organisation, and in calls with the world outside. */
  readonly announceInternal?: boolean
  readonly announceExternal?: boolean
  /** What both sides hear at pause and resume. */
  readonly notification?: 'None' | 'Beep' | 'Play Announcement'
  /** Both sides hear a beep this often, 10 to 1800 s; absent: never. */
  readonly repeatSeconds?: number
  /** Clips in place of the built-in announcements. */
  readonly announcements?: Readonly<Partial<Record<AnnouncementEvent, string>>>
}

/** Where calls to a line go instead of ringing on (contract, call controls §2, redirection reasons). */
export interface Forwarding {
  readonly always?: string
  readonly busy?: string
  readonly noAnswer?: string
  /** None of its phones is registered. */
  readonly unavailable?: string
}

/** A mailbox for calls that nobody takes. */
export interface VoicemailSettings {
  /** Which calls it takes; one that is forwarded by a number goes there first. */
  readonly busy: boolean
  readonly noAnswer: boolean
  readonly always?: boolean
  /** Lower-case hex SHA-256 of `salt:pin`. Without a PIN the mailbox opens to the owner's own phones alone, unasked. */
  readonly pin?: { readonly salt: string; readonly hash: string }
  /** A clip in place of the built-in greeting. */
  readonly greeting?: string
}

/** An organisation: a world of its own. Its SIP domains name it. */
export interface DirectoryOrganization {
  readonly id: string
  readonly name: string
  /** SIP domains, lower case; unique across organisations. */
  readonly domains: readonly string[]
  /** After how long a parked call rings back to who parked it, in seconds; the engine's own limit when absent. */
  readonly parkRecallSeconds?: number
}

/** A number that is answered by a public service: shown as such, and put through to the line that the operator named. */
export interface ServiceNumber {
  readonly number: string
  readonly kind: 'emergency' | 'repair'
  /** Extension or number in the same organisation. */
  readonly destination: string
}

/** A calling location. */
export interface DirectoryLocation {
  readonly id: string
  readonly orgId: string
  readonly name: string
  /** A clip in place of the built-in hold music. */
  readonly holdMusic?: string
  readonly services?: readonly ServiceNumber[]
  /** The engine's own policy when absent. */
  readonly recordingFailure?: RecordingFailurePolicy
}

/** Who has a line: a person, a workspace, or a line of its own that others answer. */
export type LineKind = 'person' | 'place' | 'virtualLine'

/** A line: what is called, what calls, and what the API's calls belong to. */
export interface DirectoryLine {
  readonly id: string
  readonly kind: LineKind
  readonly orgId: string
  readonly locationId: string
  readonly displayName: string
  /** Empty for lines that have none. */
  readonly email: string
  readonly extension: string
  /** E.164 numbers beside the extension. */
  readonly numbers: readonly string[]
  readonly recording: RecordingSettings
  readonly forwarding?: Forwarding
  readonly voicemail?: VoicemailSettings
  /** Its phones do not ring: callers meet busy. */
  readonly doNotDisturb?: boolean
  /** Name and number are withheld from whom it calls (RFC 3323). */
  readonly callerIdBlocked?: boolean
  /** In seconds; the engine's own limit when absent. */
  readonly ringSeconds?: number
  /** Others may join its calls unless this is false. */
  readonly bargeIn?: boolean
  /** Numbers that ring together with its phones, and that the API may name (`singleNumberReachPhoneNumber`). */
  readonly numberReach?: readonly string[]
  /** Device that answers when the API names none. */
  readonly preferredDeviceId?: string
  /** Lines whose calls ring here as well, for whom this one is an executive's assistant. */
  readonly assistants?: readonly string[]
}

/** A phone, with what its digest is checked against (RFC 3261 §22, RFC 8760). */
export interface DirectoryDevice {
  readonly id: string
  readonly orgId: string
  /** Its primary line. */
  readonly lineId: string
  /** Further lines that appear on it: it rings for them, and may call in their name. */
  readonly secondaryLineIds?: readonly string[]
  readonly name: string
  /** User part of its address of record and digest user name; unique in the organisation. */
  readonly sipUser: string
  /** H(user:realm:password), lower-case hex; the realm is the organisation's first domain. */
  readonly ha1Md5: string
  readonly ha1Sha256: string
}

/** Lines that may pick up each other's calls, or park calls on each other. */
export interface DirectoryGroup {
  readonly id: string
  readonly orgId: string
  readonly kind: 'pickup' | 'park'
  readonly name: string
  readonly lineIds: readonly string[]
}

/** The whole directory, as plain data that can be posted to a thread. */
export interface DirectorySnapshot {
  readonly organizations: readonly DirectoryOrganization[]
  readonly locations: readonly DirectoryLocation[]
  readonly lines: readonly DirectoryLine[]
  readonly devices: readonly DirectoryDevice[]
  readonly groups?: readonly DirectoryGroup[]
}

/** One message in a mailbox, as the engine plays it. */
export interface VoicemailMessage {
  readonly id: string
  /** Clip that holds it. */
  readonly clip: string
  /** Unix milliseconds. */
  readonly at: number
  /** Who left it, as their number may be said. */
  readonly number?: string
  readonly heard: boolean
}

/** What lies in one line's mailbox, oldest first; the server's truth, handed in whenever it changes. */
export interface Mailbox {
  readonly orgId: string
  readonly lineId: string
  readonly messages: readonly VoicemailMessage[]
  /** Lit by a voicemail system outside (contract, call controls §8), whatever lies here. */
  readonly externalWaiting?: boolean
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

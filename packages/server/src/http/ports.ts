/**
 * What HTTP needs of the rest of the server for call controls and their settings, as narrow interfaces: the server's
 * data implements them, tests stand in for them. Ids are raw UUIDs, times Unix milliseconds, and every question names
 * the organisation that it is asked in. An implementation refuses by throwing a `Failure`, nothing else reaches a client.
 */
import type { RecordingMode } from '@tandem/contract'
import type { HistoryEntry, LineKind, SessionRecord } from '@tandem/engine'

/** A line: of a person, of a workspace, or one of its own. */
export interface LineRow {
  readonly id: string
  readonly kind: LineKind
  readonly displayName: string
}

/** A phone on which a line appears, so that the line's calls may be answered there. */
export interface LineDevice {
  readonly id: string
  readonly name: string
  readonly kind: 'DEVICE'
}

/** What plays at one moment of a recording: the built-in words, or an uploaded sound. */
export type AnnouncementChoice =
  | { readonly type: 'DEFAULT' }
  | { readonly type: 'CUSTOM'; readonly soundId: string }

/** The moments that may be announced, in the contract's words (call-recording settings §1). */
export const ANNOUNCEMENT_EVENTS = [
  'start',
  'stop',
  'pause',
  'resume',
  'failureEndWithCall',
  'failureProceedWithCall',
] as const
/** One of those moments. */
export type AnnouncementEvent = (typeof ANNOUNCEMENT_EVENTS)[number]

/** What an owner may do with the own recordings (call-recording settings §2); administrators set it in the file. */
export interface RecordingAccess {
  readonly viewAndPlayRecordingsEnabled: boolean
  readonly downloadRecordingsEnabled: boolean
  readonly deleteRecordingsEnabled: boolean
  readonly shareRecordingsEnabled: boolean
}

/** What an owner may do unless the directory says otherwise: everything. */
export const FULL_ACCESS: RecordingAccess = {
  viewAndPlayRecordingsEnabled: true,
  downloadRecordingsEnabled: true,
  deleteRecordingsEnabled: true,
  shareRecordingsEnabled: true,
}

/** How one line's calls are recorded, as the API reads and sets it; every member has a value. */
export interface LineRecordingSettings {
  readonly enabled: boolean
  readonly record: RecordingMode
  readonly recordVoicemailEnabled: boolean
  readonly startStopAnnouncementEnabled: boolean
  readonly startStopAnnouncement: {
    readonly internalCallsEnabled: boolean
    readonly pstnCallsEnabled: boolean
  }
  readonly notification: {
    readonly type: 'None' | 'Beep' | 'Play Announcement'
    readonly enabled: boolean
  }
  /** Seconds, 10 to 1800. */
  readonly repeat: { readonly interval: number; readonly enabled: boolean }
  readonly callRecordingAccessSettings: RecordingAccess
  readonly postCallRecordingSettings: {
    readonly summaryAndActionItemsEnabled: boolean
    readonly transcriptEnabled: boolean
  }
  readonly announcements: {
    readonly useLocationLevelEnabled: boolean
  } & Readonly<Partial<Record<AnnouncementEvent, AnnouncementChoice>>>
}

/** What a line has until somebody sets it otherwise (call-recording settings §1, "Default person"). */
export const DEFAULT_RECORDING_SETTINGS: LineRecordingSettings = {
  enabled: false,
  record: 'Never',
  recordVoicemailEnabled: false,
  startStopAnnouncementEnabled: false,
  startStopAnnouncement: { internalCallsEnabled: false, pstnCallsEnabled: false },
  notification: { type: 'None', enabled: false },
  repeat: { interval: 15, enabled: false },
  callRecordingAccessSettings: FULL_ACCESS,
  postCallRecordingSettings: { summaryAndActionItemsEnabled: false, transcriptEnabled: false },
  announcements: { useLocationLevelEnabled: true },
}

/** Lines and what may be set on them. */
export interface LinesPort {
  /** A person, workspace or virtual line of this organisation. */
  find(orgId: string, id: string): Promise<LineRow | undefined>
  /** Phones on which the line appears, its own ones first. */
  devicesOf(orgId: string, lineId: string): Promise<readonly LineDevice[]>
  /** Ids of the lines that appear on the person's own phones as secondary ones. */
  secondaryLinesOf(orgId: string, personId: string): Promise<readonly string[]>
  preferredEndpoint(orgId: string, lineId: string): Promise<string | undefined>
  /** `null` clears it. Throws `managed_by_file` where the directory file sets it. */
  setPreferredEndpoint(orgId: string, lineId: string, deviceId: string | null): Promise<void>
  recordingSettings(orgId: string, lineId: string): Promise<LineRecordingSettings>
  /** What the line's owner may do with recordings; everything for a line that is gone. */
  recordingAccess(orgId: string, lineId: string): Promise<RecordingAccess>
  /** Throws `managed_by_file` where the directory file sets it. */
  setRecordingSettings(orgId: string, lineId: string, settings: LineRecordingSettings): Promise<void>
  /** `null` goes back to the built-in music; false when the organisation has no such location. Throws `managed_by_file`. */
  setHoldMusic(orgId: string, locationId: string, soundId: string | null): Promise<boolean>
}

/** Call history: the last 20 of each type. */
export interface HistoryPort {
  /** Newest first; of every type when none is named. */
  list(
    owner: { readonly orgId: string; readonly lineId: string },
    type?: HistoryEntry['type'],
  ): Promise<readonly HistoryEntry[]>
}

/** Call detail records. */
export interface CallRecordsPort {
  /** Records of conversations that started from `from` (inclusive) to `to` (exclusive), oldest first. */
  stream(orgId: string, from: number, to: number): AsyncIterable<SessionRecord>
  /** Whether a record of this conversation is kept for this organisation. */
  has(orgId: string, callSessionId: string): Promise<boolean>
  /** The columns of the CSV: one line without its end. */
  readonly csvHeader: string
  /** The lines of one record without their ends, each cell quoted and harmless to a spreadsheet (case A15). */
  csvLines(record: SessionRecord): readonly string[]
}

/** An uploaded announcement or hold music. */
export interface Sound {
  readonly id: string
  readonly name: string
  /** Of the upload. */
  readonly sizeBytes: number
  readonly durationMs: number
  readonly createdAt: number
}

/** Uploaded sounds of an organisation. */
export interface SoundsPort {
  /** By name. */
  list(orgId: string): Promise<readonly Sound[]>
  /**
   * `contentType` is the media type that was sent, lower case, without parameters. Throws `sound_unreadable` (with what is
   * wrong), `sound_quota_reached`.
   */
  add(
    orgId: string,
    sound: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array },
  ): Promise<Sound>
  /** False when there is none. Throws `sound_in_use`. */
  remove(orgId: string, id: string): Promise<boolean>
}

/** A message that somebody left. */
export interface VoicemailEntry {
  readonly id: string
  readonly at: number
  readonly durationMs: number
  readonly fromName?: string
  readonly fromNumber?: string
  readonly heard: boolean
}

/** One line's mailbox. */
export interface VoicemailPort {
  /** Newest first. */
  list(orgId: string, lineId: string): Promise<readonly VoicemailEntry[]>
  /** G.711 mu-law, 8 kHz, mono, without a header; to listen by API does not mark it as heard. */
  audio(orgId: string, lineId: string, id: string): Promise<Uint8Array | undefined>
  /** False when there is none. */
  remove(orgId: string, lineId: string, id: string): Promise<boolean>
}

/** The message lamp as a voicemail system outside sets it (call controls §8). */
export interface MessageWaitingPort {
  set(orgId: string, lineId: string, on: boolean): Promise<void>
}

/**
 * The lists and limits that the schemas share with operations, settings and links. They stand apart from the schemas so
 * that whoever needs a list does not load the schema library with it.
 */

/** The regions that a file may be kept in. */
export const STORAGE_REGIONS = ['US', 'SG', 'GB', 'JP', 'DE', 'AU', 'IN', 'CA'] as const
/** The kinds of owner, in the spelling of lists and details (Ruling 10). */
export const OWNER_TYPES = ['user', 'place', 'virtualLine', 'callQueue'] as const
/** What the `serviceType` filter takes; `all` is no filter. */
export const SERVICE_TYPES = ['calling', 'customerAssist', 'meeting', 'all'] as const
/** What the `format` filter takes. */
export const FORMATS = ['MP3', 'MP4'] as const
/** What the `status` filter takes. */
export const STATUSES = ['available', 'deleted', 'purged'] as const

/** Page size of the list when the request names none. */
export const RECORDINGS_PER_PAGE = 10
/** Largest page of recordings; more is a 400 (Ruling 12). */
export const RECORDINGS_PER_PAGE_MAX = 100
/** Days between `from` and `to` when one of them is not given (Ruling 11). */
export const WINDOW_DAYS = 7
/** How long a download link works, in milliseconds. */
export const LINK_MS = 3 * 60 * 60 * 1_000

/** Longest destination: a SIP URI that still fits a request line comfortably. */
export const DESTINATION_CHARS_MAX = 512
/** Longest id that is looked at; ours have under 100 characters. */
export const ID_CHARS_MAX = 1_024

/** How a line's calls are recorded (call-recording settings §2). */
export const RECORDING_MODES = [
  'Always',
  'Always with Pause/Resume',
  'On Demand with User Initiated Start',
  'Never',
] as const
/** How a line's calls are recorded. */
export type RecordingMode = (typeof RECORDING_MODES)[number]
/** Range of the periodic beep's interval, in seconds (call-recording settings §1). */
export const REPEAT_SECONDS_MIN = 10
/** The longest interval of the periodic beep, in seconds. */
export const REPEAT_SECONDS_MAX = 1_800
/** The types of a call history record, in the order in which the contract names them. */
export const HISTORY_TYPES = ['placed', 'missed', 'received'] as const
/** Longest run of digits that one command sends: half a minute of tones, with room for pauses. */
export const DTMF_CHARS_MAX = 128
/** Most calls that one command puts into a conference; a person has far fewer. */
export const CONFERENCE_CALLS_MAX = 64
/** Longest name of an uploaded sound. */
export const SOUND_NAME_CHARS_MAX = 200
/** Largest upload of a sound, in bytes: fifteen minutes of music at telephone quality with room to spare. */
export const SOUND_BYTES_MAX: number = 16 * 1_024 * 1_024

/** Most recordings that one command names (converged-recordings §8, §9). */
export const RECORDING_IDS_MAX = 100
/** Longest list of ids that is looked at: ids may repeat, and each counts once. */
export const RECORDING_ID_ENTRIES_MAX = 1_000
/** Longest comment of a deletion, in Unicode code points (converged-recordings §6). */
export const COMMENT_CHARS_MAX = 255
/** Longest reason of a deletion, a hold or its release: a few sentences. */
export const REASON_CHARS_MAX = 1_024
/** Longest email that is looked at (RFC 5321 §4.5.3.1.3, without its angle brackets). */
export const EMAIL_CHARS_MAX = 254
/** Longest topic that may be given to a recording, and longest one that is searched for. */
export const TOPIC_CHARS_MAX = 256
/** Days that a list over an organisation may reach (contract README §6): exactly so many are allowed. */
export const ADMIN_WINDOW_DAYS_MAX = 30
/** Most people that one command shares a meeting recording with (meeting-recordings §6). */
export const SHARE_EMAILS_MAX = 100
/** What the `format` filter of meeting recordings takes. */
export const MEETING_FORMATS = ['MP4', 'ARF'] as const
/** The kinds of meeting. */
export const MEETING_SERVICE_TYPES = [
  'MeetingCenter',
  'EventCenter',
  'SupportCenter',
  'TrainingCenter',
] as const
/** Whose recordings a retention policy is about. */
export const RETENTION_SCOPES = ['organization', 'location', 'owner'] as const
/** Longest retention, in days: a century, which no law exceeds and every clock can count. */
export const KEEP_DAYS_MAX = 36_500
/** Longest search text; a sentence has under 200 characters. */
export const SEARCH_CHARS_MAX = 256
/** Page size of our own lists (search, holds, imports, audit) when the request names none, and largest page of most. */
export const LIBRARY_PER_PAGE_MAX = 100
/** Largest page of the audit log, which auditors read by the thousand. */
export const AUDIT_PER_PAGE_MAX = 1_000
/** Longest transcript that is taken in, in characters: a day of speech has under two million. */
export const TRANSCRIPT_CHARS_MAX: number = 4 * 1_024 * 1_024
/** Most stretches of speech in one transcript: one a second for a day. */
export const TRANSCRIPT_SEGMENTS_MAX = 86_400
/** The forms of a transcript. */
export const TRANSCRIPT_FORMATS = ['vtt', 'txt', 'json'] as const
/** Longest name of an imported file. */
export const FILE_NAME_CHARS_MAX = 255
/** Largest imported file, in bytes: half a day of video; its size must stay an exact number everywhere. */
export const IMPORT_BYTES_MAX: number = 64 * 1_024 * 1_024 * 1_024

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

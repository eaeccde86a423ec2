/**
 * The call-recording settings of a line as they are stored, as a file gives them, as the API shows them and as the
 * engine wants them (call-recording settings §1, §2). What is stored is the API's own object with the defaults left out.
 */
import type { AnnouncementEvent, RecordingMode, RecordingSettings } from '@tandem/engine'
import {
  ANNOUNCEMENT_EVENTS,
  DEFAULT_RECORDING_SETTINGS,
  FULL_ACCESS,
  type LineRecordingSettings,
  type RecordingAccess,
} from '../http/ports.ts'
import type { Entry } from './entry-reader.ts'
import { NAME } from './text-rules.ts'

/** Shortest and longest time between two beeps (call-recording settings §1). */
export const REPEAT_SECONDS_MIN = 10
/** See `REPEAT_SECONDS_MIN`. */
export const REPEAT_SECONDS_MAX = 1_800

const MODES: readonly (RecordingMode | 'On Demand')[] = [
  'Always',
  'Always with Pause/Resume',
  'On Demand with User Initiated Start',
  'On Demand',
  'Never',
]

/**
 * What a line's row holds. A row of the first release has `record` alone; a sound is named by its id, or, when a file
 * names it, by its name.
 */
export type RecordingDocument = Partial<LineRecordingSettings>

/** Finds the id of an uploaded sound by its id or name; `undefined` when it is gone. */
export type SoundFinder = (idOrName: string) => string | undefined

/** The short form (a mode) or the long one (a mapping) of a file. */
export function readRecording(entry: Entry, name: string): RecordingDocument | undefined {
  if (!entry.has(name)) return undefined
  if (!entry.isMapping(name)) return ofMode(entry.choice(name, MODES, 'Never'))
  const inner = entry.entry(name)
  if (inner === undefined) return undefined
  const document = readLong(inner)
  inner.finish()
  return document
}

function readLong(entry: Entry): RecordingDocument {
  const announce = entry.entry('announce')
  const internal = announce?.optionalBoolean('internal') ?? false
  const external = announce?.optionalBoolean('external') ?? false
  announce?.finish()
  const notification = entry.choice('notification', ['None', 'Beep', 'Play Announcement'] as const, 'None')
  const repeat = entry.optionalInteger('repeatSeconds', { min: REPEAT_SECONDS_MIN, max: REPEAT_SECONDS_MAX })
  const announcements = entry.entry('announcements')
  const sounds = ANNOUNCEMENT_EVENTS.flatMap((event) => {
    const sound = announcements?.optionalText(event, NAME)
    return sound === undefined ? [] : [[event, { type: 'CUSTOM' as const, soundId: sound }] as const]
  })
  announcements?.finish()
  const access = readAccess(entry)
  return {
    ...ofMode(entry.choice('mode', MODES, 'Never')),
    recordVoicemailEnabled: entry.optionalBoolean('voicemail') ?? false,
    startStopAnnouncementEnabled: internal || external,
    startStopAnnouncement: { internalCallsEnabled: internal, pstnCallsEnabled: external },
    notification: { type: notification, enabled: notification !== 'None' },
    ...(repeat === undefined ? {} : { repeat: { interval: repeat, enabled: true } }),
    ...(access === undefined ? {} : { callRecordingAccessSettings: access }),
    ...(sounds.length === 0
      ? {}
      : { announcements: { useLocationLevelEnabled: false, ...Object.fromEntries(sounds) } }),
  }
}

/** What the owner may do with the recordings; what the file does not name is allowed. */
function readAccess(entry: Entry): RecordingAccess | undefined {
  const access = entry.entry('access')
  if (access === undefined) return undefined
  const allowed = {
    viewAndPlayRecordingsEnabled: access.optionalBoolean('view') ?? true,
    downloadRecordingsEnabled: access.optionalBoolean('download') ?? true,
    deleteRecordingsEnabled: access.optionalBoolean('delete') ?? true,
    shareRecordingsEnabled: access.optionalBoolean('share') ?? true,
  }
  access.finish()
  return allowed
}

function ofMode(mode: (typeof MODES)[number]): RecordingDocument {
  const record = mode === 'On Demand' ? 'On Demand with User Initiated Start' : mode
  return { enabled: record !== 'Never', record }
}

/** What the API shows: everything has a value, and a sound that is gone is the built-in one again. */
export function settingsOf(stored: string, find: SoundFinder): LineRecordingSettings {
  const document = JSON.parse(stored) as RecordingDocument // Written by the directory.
  const record = document.record ?? 'Never'
  const { useLocationLevelEnabled, ...events } =
    document.announcements ?? DEFAULT_RECORDING_SETTINGS.announcements
  return {
    ...DEFAULT_RECORDING_SETTINGS,
    ...document,
    record,
    enabled: document.enabled ?? record !== 'Never',
    announcements: {
      useLocationLevelEnabled,
      ...Object.fromEntries(
        Object.entries(events).map(([event, choice]) => {
          const soundId = choice.type === 'CUSTOM' ? find(choice.soundId) : undefined
          return [event, soundId === undefined ? { type: 'DEFAULT' } : { type: 'CUSTOM', soundId }]
        }),
      ),
    },
  }
}

/** What the owner may do with the recordings of a line. */
export function accessOf(stored: string): RecordingAccess {
  const { callRecordingAccessSettings } = JSON.parse(stored) as RecordingDocument // Written by the directory.
  return { ...FULL_ACCESS, ...callRecordingAccessSettings }
}

/** What the engine wants to know. */
export function engineSettings(stored: string, find: SoundFinder): RecordingSettings {
  const settings = settingsOf(stored, find)
  const { announcements, notification, repeat, startStopAnnouncement } = settings
  const announced = settings.startStopAnnouncementEnabled
  const clips = ANNOUNCEMENT_EVENTS.flatMap((event: AnnouncementEvent) => {
    const choice = announcements[event]
    return choice?.type === 'CUSTOM' ? [[event, clipOfSound(choice.soundId)] as const] : []
  })
  return {
    mode: settings.enabled ? settings.record : 'Never',
    ...(settings.recordVoicemailEnabled ? { voicemail: true } : {}),
    ...(announced && startStopAnnouncement.internalCallsEnabled ? { announceInternal: true } : {}),
    ...(announced && startStopAnnouncement.pstnCallsEnabled ? { announceExternal: true } : {}),
    ...(notification.enabled && notification.type !== 'None' ? { notification: notification.type } : {}),
    ...(repeat.enabled ? { repeatSeconds: repeat.interval } : {}),
    ...(clips.length === 0 ? {} : { announcements: Object.fromEntries(clips) }),
  }
}

/** The engine's name of an uploaded sound. */
export function clipOfSound(id: string): string {
  return `sounds/${id}`
}

/** The sounds that a stored document names, by id or name. */
export function soundsNamed(stored: string): readonly string[] {
  const { announcements } = JSON.parse(stored) as RecordingDocument // Written by the directory.
  return Object.values(announcements ?? {}).flatMap((choice) =>
    typeof choice === 'object' && choice.type === 'CUSTOM' ? [choice.soundId] : [],
  )
}

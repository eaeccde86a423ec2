/**
 * What a PUT makes of the recording settings that are there (call-recording settings §1): members that it does not name
 * stay, `On Demand` is another word for the third mode (Ruling 17), and what a client merely sends back is ignored.
 */
import type { CallRecordingSettingsChange } from '@tandem/contract'
import { invalid } from '../failure.ts'
import { ANNOUNCEMENT_EVENTS, type AnnouncementChoice, type LineRecordingSettings } from '../ports.ts'

type Announcements = LineRecordingSettings['announcements']

/** The settings after the change. Throws a 400 for a custom announcement that names no sound. */
export function changed(
  current: LineRecordingSettings,
  change: CallRecordingSettingsChange,
): LineRecordingSettings {
  return {
    enabled: change.enabled ?? current.enabled,
    record: modeOf(change.record) ?? current.record,
    recordVoicemailEnabled: change.recordVoicemailEnabled ?? current.recordVoicemailEnabled,
    startStopAnnouncementEnabled: change.startStopAnnouncementEnabled ?? current.startStopAnnouncementEnabled,
    startStopAnnouncement: { ...current.startStopAnnouncement, ...change.startStopAnnouncement },
    notification: notificationOf(current.notification, change.notification),
    repeat: { ...current.repeat, ...change.repeat },
    callRecordingAccessSettings: current.callRecordingAccessSettings, // Read only (§1).
    postCallRecordingSettings: { ...current.postCallRecordingSettings, ...change.postCallRecordingSettings },
    announcements: announcementsOf(current.announcements, change.announcements),
  }
}

function modeOf(record: CallRecordingSettingsChange['record']): LineRecordingSettings['record'] | undefined {
  return record === 'On Demand' ? 'On Demand with User Initiated Start' : record
}

/** `null` is None; switched on without a type it is the beep, whatever it was before. */
function notificationOf(
  current: LineRecordingSettings['notification'],
  change: CallRecordingSettingsChange['notification'],
): LineRecordingSettings['notification'] {
  if (change === undefined) return current
  const enabled = change.enabled ?? current.enabled
  if (change.type !== undefined) return { type: change.type ?? 'None', enabled }
  return { type: change.enabled === true ? 'Beep' : current.type, enabled }
}

function announcementsOf(
  current: Announcements,
  change: CallRecordingSettingsChange['announcements'],
): Announcements {
  if (change === undefined) return current
  const { useLocationLevelEnabled = current.useLocationLevelEnabled } = change
  const choices = ANNOUNCEMENT_EVENTS.flatMap((event) => {
    const asked = change[event]
    const choice =
      asked === undefined ? current[event] : choiceOf(`announcements.${event}`, asked, current[event])
    return choice === undefined ? [] : [[event, choice] as const]
  })
  return { useLocationLevelEnabled, ...Object.fromEntries(choices) }
}

function choiceOf(
  field: string,
  asked: { readonly type: 'DEFAULT' | 'CUSTOM'; readonly audioAnnouncementFileId?: string },
  current: AnnouncementChoice | undefined,
): AnnouncementChoice {
  if (asked.type === 'DEFAULT') return { type: 'DEFAULT' }
  if (asked.audioAnnouncementFileId !== undefined)
    return { type: 'CUSTOM', soundId: asked.audioAnnouncementFileId }
  if (current?.type === 'CUSTOM') return current // Sent back as it was read.
  throw invalid(`${field}.audioAnnouncementFileId`, 'is required with CUSTOM')
}

/** Recording settings as the contract shows them (call-recording settings §1, §3). */
import type { CallRecordingSettings, MyCallRecording } from '@tandem/contract'
import { ANNOUNCEMENT_EVENTS, type LineRecordingSettings, type Sound } from '../ports.ts'

/** What clients know the built-in recorder by (§1, `serviceProvider`). */
const PROVIDER = 'Webex'

/** The object of the administrator's paths; `sounds` gives the custom announcements their names. */
export function settingsOf(settings: LineRecordingSettings, sounds: readonly Sound[]): CallRecordingSettings {
  const { announcements, ...rest } = settings
  const events = ANNOUNCEMENT_EVENTS.map((event) => {
    const choice = announcements[event]
    if (choice?.type !== 'CUSTOM') return [event, { type: 'DEFAULT' }]
    const name = sounds.find((sound) => sound.id === choice.soundId)?.name
    const file = name === undefined ? { id: choice.soundId } : { id: choice.soundId, fileName: name }
    return [event, { type: 'CUSTOM', audioAnnouncementFile: file }]
  })
  return {
    ...rest,
    serviceProvider: PROVIDER,
    announcements: {
      useLocationLevelEnabled: announcements.useLocationLevelEnabled,
      ...Object.fromEntries(events),
    },
  }
}

/** The caller's own view. */
export function myViewOf(settings: LineRecordingSettings, publicUrl: string): MyCallRecording {
  return {
    enabled: settings.enabled,
    vendor: { id: PROVIDER, name: PROVIDER, loginUrl: publicUrl },
    recordingMode: settings.record,
    pauseResumeNotifyMethod: settings.notification.enabled ? settings.notification.type : 'None',
    announcementEnabled: settings.startStopAnnouncementEnabled,
    warningToneEnabled: settings.repeat.enabled,
    warningToneDuration: settings.repeat.interval,
  }
}

/**
 * How a line's calls are recorded, on the wire (contract, call-recording settings §1, §3). A PUT changes the members that
 * it names; `notification.type` is where `null` means something, namely None.
 */
import Type, { type Static } from 'typebox'
import { ID_CHARS_MAX, RECORDING_MODES, REPEAT_SECONDS_MAX, REPEAT_SECONDS_MIN } from './vocabulary.ts'

const startStopAnnouncement = { internalCallsEnabled: Type.Boolean(), pstnCallsEnabled: Type.Boolean() }
const postCall = { summaryAndActionItemsEnabled: Type.Boolean(), transcriptEnabled: Type.Boolean() }
const access = {
  viewAndPlayRecordingsEnabled: Type.Boolean(),
  downloadRecordingsEnabled: Type.Boolean(),
  deleteRecordingsEnabled: Type.Boolean(),
  shareRecordingsEnabled: Type.Boolean(),
}
const announcement = Type.Optional(
  Type.Object({
    type: Type.Enum(['DEFAULT', 'CUSTOM']),
    audioAnnouncementFile: Type.Optional(
      Type.Object({ id: Type.String(), fileName: Type.Optional(Type.String()) }),
    ),
  }),
)
const announcementChange = Type.Optional(
  Type.Object({
    type: Type.Enum(['DEFAULT', 'CUSTOM']),
    audioAnnouncementFileId: Type.Optional(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })),
  }),
)

/** How a line's calls are recorded. */
export const CallRecordingSettings = Type.Object(
  {
    enabled: Type.Boolean(),
    record: Type.Enum([...RECORDING_MODES]),
    recordVoicemailEnabled: Type.Boolean(),
    startStopAnnouncementEnabled: Type.Boolean(),
    startStopAnnouncement: Type.Object(startStopAnnouncement),
    notification: Type.Object({
      type: Type.Enum(['None', 'Beep', 'Play Announcement']),
      enabled: Type.Boolean(),
    }),
    repeat: Type.Object({ interval: Type.Integer(), enabled: Type.Boolean() }),
    serviceProvider: Type.String(),
    externalGroup: Type.Optional(Type.String()),
    externalIdentifier: Type.Optional(Type.String()),
    callRecordingAccessSettings: Type.Object(access),
    postCallRecordingSettings: Type.Object(postCall),
    announcements: Type.Object({
      useLocationLevelEnabled: Type.Boolean(),
      start: announcement,
      stop: announcement,
      pause: announcement,
      resume: announcement,
      failureEndWithCall: announcement,
      failureProceedWithCall: announcement,
    }),
  },
  { title: 'CallRecordingSettings' },
)
/** How a line's calls are recorded. */
export type CallRecordingSettings = Static<typeof CallRecordingSettings>

/** Body of the PUT: what is not named stays. `On Demand` is another word for the third mode (Ruling 17). */
export const CallRecordingSettingsChange = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean()),
    record: Type.Optional(Type.Enum([...RECORDING_MODES, 'On Demand'])),
    recordVoicemailEnabled: Type.Optional(Type.Boolean()),
    startStopAnnouncementEnabled: Type.Optional(Type.Boolean()),
    startStopAnnouncement: Type.Optional(Type.Partial(Type.Object(startStopAnnouncement))),
    notification: Type.Optional(
      Type.Object({
        type: Type.Optional(Type.Union([Type.Enum(['None', 'Beep', 'Play Announcement']), Type.Null()])),
        enabled: Type.Optional(Type.Boolean()),
      }),
    ),
    repeat: Type.Optional(
      Type.Object({
        interval: Type.Optional(
          Type.Integer({ minimum: REPEAT_SECONDS_MIN, maximum: REPEAT_SECONDS_MAX, description: 'Seconds' }),
        ),
        enabled: Type.Optional(Type.Boolean()),
      }),
    ),
    postCallRecordingSettings: Type.Optional(Type.Partial(Type.Object(postCall))),
    announcements: Type.Optional(
      Type.Object({
        useLocationLevelEnabled: Type.Optional(Type.Boolean()),
        start: announcementChange,
        stop: announcementChange,
        pause: announcementChange,
        resume: announcementChange,
        failureEndWithCall: announcementChange,
        failureProceedWithCall: announcementChange,
      }),
    ),
  },
  { title: 'CallRecordingSettingsChange' },
)
/** Body of the PUT: what is not named stays. */
export type CallRecordingSettingsChange = Static<typeof CallRecordingSettingsChange>

/** The caller's own view (§3). */
export const MyCallRecording = Type.Object(
  {
    enabled: Type.Boolean(),
    vendor: Type.Object({
      id: Type.String(),
      name: Type.String(),
      loginUrl: Type.Optional(Type.String({ format: 'uri' })),
    }),
    recordingMode: Type.Enum([...RECORDING_MODES]),
    pauseResumeNotifyMethod: Type.Enum(['None', 'Beep', 'Play Announcement']),
    announcementEnabled: Type.Boolean(),
    warningToneEnabled: Type.Boolean(),
    warningToneDuration: Type.Integer({ description: 'Seconds between two warning tones' }),
  },
  { title: 'MyCallRecording' },
)
/** The caller's own view (§3). */
export type MyCallRecording = Static<typeof MyCallRecording>

export type {
  CallActor,
  CallCommand,
  CallCommands,
  CallResult,
  CallState,
  CallType,
  CallView,
  ConferenceView,
  OwnPhone,
  PartyView,
  Personality,
  RecordingState,
  RedirectionReason,
  RedirectionView,
  TracedMessage,
} from './commands.ts'
export type {
  AnnouncementEvent,
  Binding,
  DirectoryDevice,
  DirectoryGroup,
  DirectoryLine,
  DirectoryLocation,
  DirectoryOrganization,
  DirectorySnapshot,
  Forwarding,
  LineKind,
  Mailbox,
  RecordingFailurePolicy,
  RecordingMode,
  RecordingSettings,
  ServiceNumber,
  VoicemailMessage,
  VoicemailSettings,
} from './directory.ts'
export { Engine } from './engine.ts'
export type { CallEngine, EngineLimits, EngineOptions, EngineOutput } from './engine-api.ts'
export type {
  CallEventType,
  ConferenceEventType,
  EngineEvent,
  HistoryEntry,
  SessionRecord,
} from './events.ts'
export type {
  FactParty,
  FactRedirection,
  RecordingClosing,
  RecordingNote,
  RecordingOpening,
} from './recording-facts.ts'

export type {
  CallActor,
  CallCommand,
  CallCommands,
  CallResult,
  CallState,
  CallView,
  PartyView,
  Personality,
  RecordingState,
} from './commands.ts'
export type {
  Binding,
  DirectoryDevice,
  DirectoryLocation,
  DirectoryOrganization,
  DirectoryPerson,
  DirectorySnapshot,
  RecordingMode,
} from './directory.ts'
export { Engine } from './engine.ts'
export type { CallEngine, EngineLimits, EngineOptions, EngineOutput } from './engine-api.ts'
export type { CallEventType, EngineEvent, SessionRecord } from './events.ts'
export type { FactParty, RecordingClosing, RecordingNote, RecordingOpening } from './recording-facts.ts'

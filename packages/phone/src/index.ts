export { Call } from './call/call.ts'
export { CALLS_DEFAULT, CALLS_MAX } from './call/line.ts'
export type { RemoteIdentity } from './call/remote-identity.ts'
export {
  type CallEvent,
  callOf,
  PHONE_EVENT_KINDS,
  type PhoneEvent,
  type PhoneEventKind,
} from './events/event.ts'
export { EventLog, type WaitOptions } from './events/event-log.ts'
export type { DialOptions, PhoneOptions } from './options.ts'
export { openPhone, type Phone } from './phone.ts'
export { PhoneError } from './phone-error.ts'
export { parseMs, parseScript, type ScriptStep } from './script/parse-script.ts'
export { runScript } from './script/run-script.ts'
export { TONE_HZ_MAX, type VoiceSource } from './voice/source.ts'
export type { VoiceStatistics } from './voice/voice.ts'
export { readWav, WAV_RATE_HZ, wavHeader } from './wav/wav.ts'

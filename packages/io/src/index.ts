export { type Calls, type CallsOptions, startCalls } from './calls/calls.ts'
export type { CallNodeOptions, CallsStats, RecordingNews } from './calls/calls-message.ts'
export { nodeCrypto, open, random32, seal } from './crypto.ts'
export { type JournalFolder, openJournalFolder, type SegmentFile } from './journal/journal-folder.ts'
export { JournalWriter, type JournalWriterOptions, type OpenOrder } from './journal/journal-writer.ts'
export {
  type MediaAddressing,
  type MediaWorkers,
  type MediaWorkersOptions,
  startMediaWorkers,
} from './media/media-workers.ts'
export { type MediaPortOptions, WorkerMediaPort } from './media/worker-media-port.ts'
export type { MediaWorkerCounts } from './media/worker-message.ts'
export { StartError } from './start-error.ts'
export { Alarm } from './time/alarm.ts'
export { instantOf, now, wallOffsetMs } from './time/clock.ts'
export { type DriveOptions, drive, type Step } from './time/loop.ts'
export {
  type ListenAddress,
  openTransports,
  type SipTransports,
  type TransportCounts,
  type TransportOptions,
} from './transport/transports.ts'

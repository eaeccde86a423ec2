export type { MediaLimits } from './anchor/leg-table.ts'
export {
  type DistantPart,
  type MediaCounts,
  MediaMachine,
  type MediaMachineOptions,
  SOUND_RECORDINGS_MAX,
} from './anchor/media-machine.ts'
export { OutboundClock } from './anchor/outbound-clock.ts'
export type { DropReason, JournalSink, PacketSink } from './anchor/sinks.ts'
export { SILENT_MS, TAPS_MAX } from './anchor/taps.ts'
export { dualToneHz } from './dtmf/dual-tone.ts'
export { KEYS_MAX } from './dtmf/key-presses.ts'
export { type DtmfPacket, DtmfReceiver, DtmfSender, EVENT_BYTES } from './dtmf/telephone-event.ts'
export { ComfortNoise, SILENT_LEVEL_DBOV } from './g711/comfort-noise.ts'
export { decodeG711, encodeG711, G711_RATE_HZ, G711_SILENCE, transcodeG711 } from './g711/g711.ts'
export { JitterBuffer, type JitterFrame } from './jitter/jitter-buffer.ts'
export { PlayOut } from './jitter/play-out.ts'
export { crc32 } from './journal/crc32.ts'
export type { JournalEntry, JournalOpening, ReadItem, Side } from './journal/entry.ts'
export {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  SEGMENT_ID_BYTES,
  type SegmentHeader,
} from './journal/format.ts'
export {
  BUFFER_BYTES_MAX,
  ENTRY_BYTES_MAX,
  RecordingJournal,
  type RecordingJournalOptions,
} from './journal/recording-journal.ts'
export {
  KEY_BYTES,
  NONCE_BYTES,
  type Open,
  type Seal,
  unwrapDataKey,
  WRAPPED_KEY_BYTES,
  wrapDataKey,
} from './journal/seal.ts'
export { type SegmentDamage, SegmentReader, type SegmentReaderOptions } from './journal/segment-reader.ts'
export { MEMBERS_MAX } from './mix/room.ts'
export type {
  AudioCodec,
  LegStatistics,
  MediaCommand,
  MediaEvent,
  MediaFormat,
  MediaLegId,
  PromptName,
  RecordingId,
  RecordingSide,
  RemoteMedia,
  Sound,
} from './port.ts'
export {
  parseRtcp,
  type ReportBlock,
  RTCP_COMPOUND_BYTES_MAX,
  type RtcpPacket,
  writeRtcp,
} from './rtcp/rtcp-packet.ts'
export { Reception } from './rtp/reception.ts'
export {
  payloadTypeOf,
  RTP_HEADER_BYTES,
  RTP_PACKET_BYTES_MAX,
  type RtpFault,
  RtpView,
  readUint32,
  sequenceDelta,
  sequenceOf,
  ssrcOf,
  timestampDelta,
  timestampOf,
  writeRtpHeader,
  writeUint32,
} from './rtp/rtp-packet.ts'
export { HOLD_BACK_MS, RecordingTimeline, type StereoSamples } from './timeline/recording-timeline.ts'
export { isClipName } from './tones/clip.ts'
export { digitClip, PROMPTS, promptClip, promptFile } from './tones/prompts.ts'
export { Cadence, Sine, soundSource } from './tones/sound.ts'
export type { ClipSource, SoundSource } from './tones/sound-source.ts'

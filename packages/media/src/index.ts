export type {
  AudioCodec,
  LegStatistics,
  MediaCommand,
  MediaEvent,
  MediaFormat,
  MediaLegId,
  RecordingId,
  RecordingSide,
  RemoteMedia,
  Sound,
} from './port.ts'

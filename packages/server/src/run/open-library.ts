/**
 * Opens the library of recordings as the configuration says: where its files live, whether they are sealed, who makes
 * transcripts, where the heads of the audit log are copied to. What cannot be opened is one sentence.
 */
import { appendFile } from 'node:fs/promises'
import type { Logger } from '@tandem/base'
import {
  OpenAiTranscriber,
  openRecordings,
  type RecordingAlarm,
  type Recordings,
  SigningKeyError,
  StorageFault,
  type TranscriberUse,
  VaultUnusable,
  type VoicemailMessage,
} from '@tandem/recordings'
import type { Config } from '../config/settings.ts'
import type { ServerData } from '../data/open-data.ts'
import type { LinesPort } from '../http/ports.ts'
import { ringOf } from '../keys/key-ring.ts'
import { StartFailure } from '../start-failure.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** What it is opened with. */
export interface OpenLibraryOptions {
  readonly config: Config
  readonly data: ServerData
  readonly logger: Logger
  readonly lines: Pick<LinesPort, 'recordingSettings'>
  readonly publicUrl: () => string
  readonly onVoicemail: (message: VoicemailMessage) => Promise<void>
  readonly onAlarm: (alarm: RecordingAlarm) => void
}

/** Opens it. Throws `StartFailure`. */
export async function openLibrary(options: OpenLibraryOptions): Promise<Recordings> {
  const { config, data, logger, lines, onVoicemail, publicUrl } = options
  const transcriber = transcriberOf(config)
  const { auditHeadsFile } = config
  try {
    return await openRecordings({
      db: data.db as never, // The migrations of recordings gave it their tables.
      dataFolder: config.dataFolder,
      kek: data.keys.kek,
      ring: ringOf(data.keys),
      linkKey: data.keys.linkKey,
      logger,
      storageRegion: config.storageRegion,
      publicUrl,
      vaultUrl: config.vaultUrl,
      encryption: config.encryption === 'on',
      binMs: config.binDays * DAY_MS,
      transcriptSearch: config.transcriptSearch === 'on',
      node: String(config.node),
      env: process.env,
      onVoicemail,
      organizations: () => organizations(data),
      wantsTranscript: async (orgId, ownerId) =>
        (await lines.recordingSettings(orgId, ownerId)).postCallRecordingSettings.transcriptEnabled,
      ...(transcriber === undefined ? {} : { transcriber }),
      ...(auditHeadsFile === ''
        ? {}
        : { onAuditHead: (head) => appendFile(auditHeadsFile, `${JSON.stringify(head)}\n`) }),
      onAlarm(alarm) {
        options.onAlarm(alarm)
        // The other kinds are logged where they happen; this one happens in the media workers.
        if (alarm.what === 'recording-failed')
          logger.error('A call goes on without its recording', {
            recordingId: alarm.recordingId,
            why: alarm.message,
          })
      },
    })
  } catch (error) {
    const isForPeople = [VaultUnusable, StorageFault, SigningKeyError].some((kind) => error instanceof kind)
    if (isForPeople && error instanceof Error) throw new StartFailure(error.message, { cause: error })
    throw error
  }
}

function transcriberOf(config: Config): TranscriberUse | undefined {
  if (config.transcriberUrl === '') return undefined
  const { transcriberLanguage: language, transcriberKey: key } = config
  const monthlyCap = amountOf('transcriberMonthlyCap', config.transcriberMonthlyCap)
  try {
    const transcriber = new OpenAiTranscriber({
      url: config.transcriberUrl,
      model: config.transcriberModel,
      ...(key === undefined ? {} : { key }),
      ...(language === '' ? {} : { language }),
    })
    return {
      transcriber,
      concurrency: config.transcriberConcurrency,
      pricePerMinute: amountOf('transcriberPricePerMinute', config.transcriberPricePerMinute) ?? 0,
      ...(monthlyCap === undefined ? {} : { monthlyCap }),
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new StartFailure(`The setting transcriberUrl cannot be used: ${error.message}`, { cause: error })
  }
}

/** An amount of money as it was written; undefined when empty. */
function amountOf(name: string, text: string): number | undefined {
  if (text === '') return undefined
  const amount = Number(text)
  if (Number.isFinite(amount) && amount >= 0) return amount
  throw new StartFailure(`The setting ${name} must be an amount such as 0.006, not "${text}".`)
}

async function organizations(data: ServerData): Promise<readonly string[]> {
  const rows = await data.db.kysely.selectFrom('organizations').select('id').execute()
  return rows.map((row) => row.id)
}

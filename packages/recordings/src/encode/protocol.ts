/** What the main thread and an encoding thread say to each other: plain data only. */
import type { PartForm } from '../vault/part-builder.ts'
import type { Assembled } from './assembly.ts'

/** What an encoding thread is started with. */
export interface EncoderThreadData {
  readonly journalFolder: string
  /** Folder of the parts; the vault's own. */
  readonly partFolder: string
  readonly kek: Uint8Array
  /** The form of the files that are made. */
  readonly form: PartForm['kind']
  /** Recordings that have their row already; their journal is passed over. */
  readonly done: readonly string[]
}

/** What is asked of an encoding thread. */
export type EncoderRequest = Readonly<
  /** Recordings are being made: follow the journal. */
  | { kind: 'follow' }
  /** The key under which a recording is sealed; on disk. */
  | { kind: 'key'; id: string; dataKey: Uint8Array }
  /** The recording has ended, or was cut off for the reason given: make its part whole. */
  | { kind: 'finish'; ask: number; id: string; cut: string; dataKey?: Uint8Array }
  /** The recording has its row, or will never have one: forget it. */
  | { kind: 'forget'; id: string }
  /** Which recordings of this call half are in the making? */
  | { kind: 'ofCall'; ask: number; callId: string }
  /** Which recordings does this segment hold? */
  | { kind: 'inspect'; ask: number; path: string }
>

/** What one segment holds. */
export interface SegmentContents {
  readonly ids: readonly string[]
  /** The header is missing or wrong: nothing in it can be read. */
  readonly hasHeader: boolean
  /** Damage before the end; a tail cut short by a crash is none. */
  readonly damaged: boolean
}

/** Why a part could not be made. `again` says that another try may work: the disk, not the journal, is at fault. */
export interface EncodingFault {
  readonly message: string
  readonly again: boolean
}

/** The answer to one request that has a number. */
export type EncoderReply = Readonly<
  | { kind: 'finished'; ask: number; assembled: Assembled }
  | { kind: 'making'; ask: number; ids: readonly string[] }
  | { kind: 'contents'; ask: number; contents: SegmentContents }
  | { kind: 'failed'; ask: number; fault: EncodingFault }
>

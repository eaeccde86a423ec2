/** A file that a recording becomes: MP3 for the vault, mu-law for a mailbox. One is written while its call goes on. */

/** A part that is whole and closed. */
export interface AudioPart {
  readonly sizeBytes: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly durationMs: number
}

/** A file being written. After an error it can only be closed; the audio is still in the journal. */
export interface AudioFile {
  /** Appends audio at 8 kHz; both channels have the same number of samples. */
  append(left: Int16Array, right: Int16Array): void
  /** Ends the file and proves it by reading it back. */
  finish(): AudioPart
  /** Lets go of it. Safe to call twice. */
  close(): void
}

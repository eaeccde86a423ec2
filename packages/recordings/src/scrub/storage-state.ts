/** The state of the store, for whoever runs the server. */

/** The state of the store. */
export interface StorageState {
  readonly scrub: {
    /** When the running pass began, and how much of it is done. */
    readonly since?: number
    readonly checkedFiles: number
    readonly checkedBytes: number
    /** When everything had been read at last. */
    readonly lastCompleted?: number
    readonly damaged: readonly {
      readonly recordingId: string
      readonly file: string
      readonly foundAt: number
    }[]
  }
  readonly quarantinedFiles: number
  readonly encrypted: boolean
  readonly vault: 'folder' | 's3'
  readonly keptTime: number
  readonly clockDoubted: boolean
}

/** What HTTP needs of the recordings: questions about the catalogue, links, and the bytes of a file. */
import type { Recordings } from '@tandem/recordings'

/** The part of `Recordings` that operations use; a test may stand in for it. */
export type RecordingsPort = Pick<Recordings, 'list' | 'get' | 'find' | 'metadata' | 'links' | 'openAudio'>

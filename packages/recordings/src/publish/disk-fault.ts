/** What the disk said when a recording could not be made or kept, in one sentence for an operator. */

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk of the recordings is full: free some space',
  EDQUOT: 'The quota of the recordings is used up: raise it or free some space',
  EIO: 'The disk of the recordings reports an error: replace it',
  EROFS: 'The disk of the recordings takes no writes: mount it for writing',
  EACCES: 'The folder of the recordings cannot be written: make it writable for this user',
  EMFILE: 'Too many files are open: raise the limit of open files',
}

/** Puts an error into words; errors of unknown kind speak for themselves. */
export function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = /\b(E[A-Z]{2,})\b/.exec(message)?.[1] ?? ''
  return WORDS[code] ?? message
}

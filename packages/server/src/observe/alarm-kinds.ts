/**
 * Every alarm there is: what an operator must know of although nobody asked. The guide of operation lists the same
 * kinds with what to do; a test keeps the two equal. A kind keeps its name for ever, since rules of monitoring name it.
 */

/** What a row of the table says. */
export interface AlarmKindRow {
  /** One sentence of what is wrong, for the log and the event. */
  readonly text: string
  /** It lasts until it is cleared, and is raised once meanwhile; other kinds are told each time. */
  readonly lasts?: true
  /** Whoever finds it has written a line of its own with more in it, so the alarm writes none. */
  readonly logged?: true
}

/** The table. */
export const ALARM_KINDS = {
  'encoding-failed': { text: 'A recording could not be made available', logged: true },
  unreadable: { text: 'A recording cannot be read from its journal', logged: true },
  'recording-failed': { text: 'A call goes on without its recording', logged: true },
  'call-without-recording': { text: 'The call engine could not record a call', logged: true },
  'call-not-recorded': { text: 'A call of a line that is always recorded was not', logged: true },
  'one-side-silent': { text: 'Nothing is heard from one side of a recorded call', lasts: true, logged: true },
  'file-damaged': { text: 'A stored file of a recording is damaged', logged: true },
  'voicemail-refused': { text: 'A voicemail message could not be put into its mailbox', logged: true },
  'disk-low': { text: 'The disk is nearly full', lasts: true },
  'disk-full': { text: 'The disk is full: recordings fail', lasts: true },
  'database-unreachable': { text: 'The database does not answer', lasts: true },
  'vault-unusable': { text: 'The store of recordings cannot be reached or written', lasts: true },
  'calls-unreachable': { text: 'The calls thread does not answer', lasts: true },
  'calls-ended': { text: 'The calls thread has ended; the server stops', logged: true },
  'clock-doubted': {
    text: 'The clock was moved too far: nothing is purged until somebody confirms it',
    lasts: true,
  },
  'certificate-expires': { text: 'The certificate of the REST API ends within 14 days', lasts: true },
  'certificate-refused': {
    text: 'The changed certificate cannot be used; the one before stays in use',
    lasts: true,
  },
  'webhook-disabled': { text: 'A webhook was switched off, since its target does not take events' },
  'errors-logged': { text: 'The log has new error lines', logged: true },
} as const

/** The name of an alarm. */
export type AlarmKind = keyof typeof ALARM_KINDS

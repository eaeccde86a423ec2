/** What a half talks to when there is nobody: the state of a mailbox or of a spoken answer. Each feature has its own. */
export interface HalfMachine {
  readonly kind: 'voicemail' | 'mailbox' | 'announcement'
}

/**
 * How many voice messages wait: the body of a NOTIFY for `Event: message-summary`, RFC 3842 §3.5 and §5.2. Its type is
 * `application/simple-message-summary`.
 */
import { encodeUtf8 } from '../message/utf8.ts'

/** The event package of RFC 3842. */
export const MESSAGE_SUMMARY_EVENT = 'message-summary'
/** The media type of `messageSummary`. */
export const MESSAGE_SUMMARY_TYPE = 'application/simple-message-summary'

/** What waits in a voice mailbox. */
export interface MessageSummary {
  /** Whether the lamp shall be lit. */
  readonly waiting: boolean
  /** The URI that reaches the mailbox. */
  readonly account: string
  readonly newMessages: number
  readonly oldMessages: number
}

/** The body that says so. None of the messages is urgent: nobody can mark one here. */
export function messageSummary(summary: MessageSummary): Uint8Array {
  const { waiting, newMessages, oldMessages } = summary
  const account = summary.account.replace(/[\r\n]+/g, ' ')
  return encodeUtf8(
    `Messages-Waiting: ${waiting ? 'yes' : 'no'}\r\nMessage-Account: ${account}\r\n` +
      `Voice-Message: ${newMessages}/${oldMessages} (0/0)\r\n`,
  )
}

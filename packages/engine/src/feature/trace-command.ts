/** The SIP ladder of a conversation, for operators: what is still kept of it, without personal data. */
import type { Core } from '../session/core.ts'
import { linesOf, Mask, titleOf } from '../trace/redact.ts'

/** Answers `trace`; a conversation of which nothing is kept is not known. */
export function trace(core: Core, id: number, command: { readonly callSessionId: string }): void {
  const { messages, orgId } = core.trace.of(command.callSessionId)
  if (messages.length === 0) {
    core.reply(id, { kind: 'refused', error: 'session_not_found' })
    return
  }
  const mask = new Mask((text) => core.options.crypto.hash('sha256', text))
  core.reply(id, {
    kind: 'trace',
    ...(orgId === undefined ? {} : { orgId }),
    messages: messages.map(({ at, direction, leg, message }) => ({
      at,
      direction,
      leg,
      title: titleOf(message),
      lines: linesOf(message, mask),
    })),
  })
}

/**
 * Runs the steps of a script on a phone, one after the other. It fails with `PhoneError` at the first step that
 * cannot be done, a wait in vain among them.
 *
 * Waits see events from where the last wait ended, so that nothing is missed which came between two steps.
 */
import type { PhoneEvent } from '../events/event.ts'
import type { Phone } from '../phone.ts'
import type { ScriptStep } from './parse-script.ts'

const KEYS_LOOK_MS = 20 // How often it is looked whether the last key has left.

/** Runs a script to its end. `since` is where its first wait begins to look; the end of the log when absent. */
export async function runScript(
  phone: Phone,
  steps: readonly ScriptStep[],
  since: number = phone.log.end,
): Promise<void> {
  let cursor = since
  for (const step of steps) {
    switch (step.kind) {
      case 'register':
      case 'unregister':
        await phone[step.kind]()
        break
      case 'answer':
      case 'hangup':
      case 'hold':
      case 'resume':
        phone[step.kind]()
        break
      case 'dial':
        await phone.dial(step.destination)
        break
      case 'reject':
        phone.reject(step.status)
        break
      case 'dtmf':
        phone.sendDtmf(step.digits)
        while (phone.pressing && phone.state === 'established') await pause(KEYS_LOOK_MS)
        break
      case 'play':
        phone.play(step.source)
        break
      case 'pause':
        await pause(step.ms)
        break
      case 'wait': {
        const { events, timeoutMs } = step
        const stopAt = (event: PhoneEvent): boolean => isEnd(event) && !events.includes(event.kind)
        cursor = (await phone.waitFor(events, { since: cursor, timeoutMs, stopAt })).cursor
      }
    }
  }
}

/** After these nothing that a script waits for in a call can still come. */
function isEnd(event: PhoneEvent): boolean {
  return (
    event.kind === 'failed' || event.kind === 'ended' || (event.kind === 'registrationFailed' && event.final)
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

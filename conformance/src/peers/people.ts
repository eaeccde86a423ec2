/** People of the demo directory as the suites need them: with a softphone that answers by itself, and with a call that stands. */
import type { Call, WebexClient } from '@tandem/sdk'
import { type Child, until } from '../../../tools/child.ts'
import type { Stage } from '../../../tools/stage.ts'

/** Where each of them belongs. */
export const ORGANIZATION = { ada: 'radio', ben: 'radio', ines: 'workshop', tomas: 'workshop' } as const

/** One of the four. */
export type DemoUser = keyof typeof ORGANIZATION

/** The address that a person signs in with. */
export function emailOf(user: DemoUser): string {
  return `${user}@${ORGANIZATION[user]}.test`
}

/** A registered softphone of one of them that answers by itself and sends a tone. */
export function phoneOf(stage: Stage, user: DemoUser, toneHz: number): Promise<Child> {
  const domain = ORGANIZATION[user]
  const account = ['--user', user, '--password', `demo-${domain}-${user}`, '--domain', `${domain}.test`]
  return stage.phone(`phone of ${user}`, ...account, '--auto-answer', '--tone', String(toneHz))
}

/** The person's call, once it is connected. */
export function connectedCall(client: WebexClient): Promise<Call> {
  return until('the call is connected', async () =>
    (await client.calls.list()).find((call) => call.state === 'connected'),
  )
}

import assert from 'node:assert/strict'
import type { Wxc, WxcAnswer } from '../peers/wxc.ts'

/** Calls a method of wxc_sdk that has to succeed. */
export async function done(
  wxc: Wxc,
  token: string,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<WxcAnswer['result']> {
  const answer = await wxc.ask(token, method, args)
  const { status, description, raised, text } = answer
  assert.deepEqual(
    [status, description, raised, text],
    [undefined, undefined, undefined, undefined],
    `${method} of wxc_sdk`,
  )
  return answer.result
}

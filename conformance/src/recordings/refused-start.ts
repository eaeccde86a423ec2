/** A start that must not succeed: one sentence for people, exit code 1, and what was there stays as it was. */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { Child } from '../../../tools/child.ts'
import type { Stage } from '../../../tools/stage.ts'

const CLI = fileURLToPath(new URL('../../../packages/cli/bin/tandem.mjs', import.meta.url))
/** Long enough for whatever the start tries again. */
const ENDS_MS_MAX = 30_000

/** Starts the server of a stage with other settings; fails unless it ends with one sentence that matches. */
export async function refusedStart(
  stage: Stage,
  settings: Readonly<Record<string, string>>,
  sentence: RegExp,
): Promise<void> {
  const child = new Child('tandem serve', process.execPath, [CLI, 'serve'], {
    env: { ...stage.env, ...settings, TANDEM_LOG_LEVEL: 'silent' },
  })
  const timer = setTimeout(() => child.process.kill('SIGKILL'), ENDS_MS_MAX)
  const code = await child.exited
  clearTimeout(timer)
  assert.equal(code, 1, child.output)
  assert.match(child.output, sentence)
  assert.equal(child.output.trim().split('\n').length, 1, `one sentence and no more: ${child.output}`)
  for (const secret of Object.entries(settings).filter(
    ([name, value]) => /SECRET/.test(name) && value !== '',
  ))
    assert.ok(!child.output.includes(secret[1]), 'no secret is printed')
}

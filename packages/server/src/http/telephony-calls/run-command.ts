/** Hands a command to the call engine and turns what it refuses, and its silence, into the contract's errors. */
import type { CallCommand, CallResult } from '@tandem/engine'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'

type ResultOf<Kind extends CallResult['kind']> = Extract<CallResult, { kind: Kind }>

/** Runs a command that is to be answered with a result of `kind`, or one of two; throws a `Failure` for a refusal. */
export async function runCommand<Kind extends CallResult['kind']>(
  services: Services,
  command: CallCommand,
  ...kinds: readonly Kind[]
): Promise<ResultOf<Kind>> {
  let result: CallResult
  try {
    result = await services.calls.run(command)
  } catch (error) {
    const late = error instanceof Error && /did not answer/.test(error.message)
    throw new Failure(late ? 'calls_timeout' : 'calls_unavailable')
  }
  if (result.kind === 'refused') throw new Failure(result.error, result.detail)
  if (!(kinds as readonly string[]).includes(result.kind))
    throw new Error(`the call engine answered ${command.kind} with ${result.kind}`)
  return result as ResultOf<Kind> // The kind was compared.
}

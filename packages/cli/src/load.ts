/**
 * The packages that are loaded only when a command needs them: a client-only install has neither server nor phone.
 */
import { CommandFailure } from './failure.ts'

/** The server's package. Throws `CommandFailure` when it is not installed. */
export async function loadServer(): Promise<typeof import('@tandem/server')> {
  return await loaded(import('@tandem/server'), '@tandem/server')
}

/** The softphone's package. Throws `CommandFailure` when it is not installed. */
export async function loadPhone(): Promise<typeof import('@tandem/phone')> {
  return await loaded(import('@tandem/phone'), '@tandem/phone')
}

/** The client's package. */
export async function loadSdk(): Promise<typeof import('@tandem/sdk')> {
  return await loaded(import('@tandem/sdk'), '@tandem/sdk')
}

async function loaded<Module>(work: Promise<Module>, name: string): Promise<Module> {
  try {
    return await work
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!missing || !error.message.includes(name)) throw error
    throw new CommandFailure(`This command needs ${name}, which is not installed: run npm install ${name}.`, {
      cause: error,
    })
  }
}

/** The flag that says whom an administrator acts for (contract, meeting-recordings: `hostEmail`). */
import type { Command } from 'commander'
import type { ApiFlags } from '../../api-command.ts'

/** Of commands that an administrator may give for a host. */
export interface HostFlags extends ApiFlags {
  readonly host?: string
}

/** Adds `--host`. */
export function withHost(command: Command): Command {
  return command.option('--host <EMAIL>', 'whom you act for, as an administrator')
}

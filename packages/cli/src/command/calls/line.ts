/**
 * The flags that say whose calls are meant, and which own phone is to ring.
 */
import { type Command, Option } from 'commander'

/** Of commands that act on a line. */
export interface LineFlags {
  readonly lineOwner?: string
}

/** Of commands that an administrator may give for somebody else. */
export interface MemberFlags extends LineFlags {
  readonly member?: string
}

/** Of commands that ring an own phone. */
export interface PhoneFlags extends LineFlags {
  readonly endpoint?: string
  readonly numberReach?: string
}

/** Adds `--line-owner`. */
export function withLine(command: Command): Command {
  return command.option('--line-owner <ID>', 'whose line, when it is a secondary one on your phone')
}

/** Adds `--line-owner` and `--member`. */
export function withMember(command: Command): Command {
  return withLine(command).option('--member <ID>', 'whose calls, as an administrator')
}

/** Adds `--line-owner`, `--endpoint` and `--number-reach`. */
export function withPhone(command: Command): Command {
  return withLine(command)
    .option('--endpoint <ID>', 'ring this phone only (tandem calls endpoints)')
    .addOption(
      new Option('--number-reach <NUMBER>', 'ring this number-reach number instead').conflicts('endpoint'),
    )
}

/** The client's options for them. */
export function lineOf({ lineOwner }: LineFlags): { readonly lineOwnerId?: string } {
  return lineOwner === undefined ? {} : { lineOwnerId: lineOwner }
}

/** The client's members for them. */
export function phoneOf({
  endpoint,
  numberReach,
}: PhoneFlags): { readonly endpointId?: string } | { readonly singleNumberReachPhoneNumber: string } {
  if (numberReach !== undefined) return { singleNumberReachPhoneNumber: numberReach }
  return endpoint === undefined ? {} : { endpointId: endpoint }
}

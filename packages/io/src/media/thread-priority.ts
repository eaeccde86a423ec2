/**
 * Packets before everything else: raises the priority of the thread that calls, where the system lets it.
 *
 * Linux keeps a priority for each thread, and `/proc/thread-self` names the caller's. Raising needs a right
 * (`CAP_SYS_NICE`, or `LimitNICE=` in a systemd unit) that many installations do not give; nothing depends on it but
 * the delay of audio on a machine that is overloaded.
 */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'

/** As high as it goes without being taken for real time. */
const MEDIA_NICE = -15

/** Whether the thread of the caller now runs before others. */
export function preferThisThread(): boolean {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), MEDIA_NICE)
    return true
  } catch {
    return false // Not Linux, or not allowed: the thread keeps the priority of the process.
  }
}

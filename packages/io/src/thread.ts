/**
 * Starts a thread of ours. It shares the compile cache of the process that `enableCompileCache` gave it: without, each
 * thread loads the type stripper anew, which costs half a second and 16 MB.
 */
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { type ResourceLimits, Worker } from 'node:worker_threads'

/** Starts `entry`, a `.ts` file, with this data. */
export function startThread(
  entry: URL,
  options: { readonly name: string; readonly workerData: unknown; readonly resourceLimits?: ResourceLimits },
): Worker {
  return new Worker(entry, { ...options, env: { ...process.env, ...compileCache() } })
}

/** Node names the folder of its own version; the variable wants the one above. */
function compileCache(): { readonly NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}

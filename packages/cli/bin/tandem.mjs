#!/usr/bin/env node
/**
 * The `tandem` command for whatever Node runs it: plain JavaScript for Node 18 and up, because the program itself
 * needs Node 24. It goes on in this process when that is new enough, else in the Node that npm installed beside it,
 * else it says what to do and ends with exit code 1. Signals and the exit code pass through.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NODE_MAJOR_MIN = 24
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

const here = dirname(fileURLToPath(import.meta.url))
const compiled = join(here, '..', 'dist', 'main.js') // A published package; the repository runs its sources.
const program = existsSync(compiled) ? compiled : join(here, '..', 'src', 'main.ts')

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  // Before anything of the program is loaded: what is in the cache needs neither compiling nor its types stripped.
  nodeModule.enableCompileCache()
  // Threads that the program starts find the cache by this variable; Node names the folder of its own version below it.
  const cache = nodeModule.getCompileCacheDir()
  if (cache !== undefined) process.env.NODE_COMPILE_CACHE ??= dirname(cache)
  const { run } = await import(pathToFileURL(program).href)
  await run()
} else {
  const node = pinnedNode()
  if (node === undefined) {
    console.error(
      `tandem needs Node ${NODE_MAJOR_MIN} or newer and found ${process.version}: install it from https://nodejs.org, or run npm ci in the repository.`,
    )
    process.exitCode = 1
  } else runIn(node)
}

/** The binary of the npm package `node`, which the repository pins; undefined when it is not installed. */
function pinnedNode() {
  try {
    const folder = dirname(nodeModule.createRequire(import.meta.url).resolve('node/package.json'))
    return ['node', 'node.exe'].map((name) => join(folder, 'bin', name)).find((path) => existsSync(path))
  } catch {
    return undefined
  }
}

function runIn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the whole group: the child has it already.
    if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, forward)
  child.on('error', (error) => {
    console.error(`tandem cannot start ${node} (${error.message}): run npm ci again.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    for (const name of SIGNALS) process.off(name, forward)
    if (signal !== null) process.kill(process.pid, signal)
    else process.exitCode = code ?? 1
  })
}

/**
 * Other people's programs that conformance tests and benchmarks run against: which are here, and how to get the rest.
 */
import { execFileSync, spawnSync } from 'node:child_process'

/** The program that proves a Debian package is there, by package. */
export const PEERS: Readonly<Record<string, string>> = {
  'sip-tester': 'sipp',
  'baresip-core': 'baresip',
  sox: 'sox',
  lame: 'lame',
  ffmpeg: 'ffprobe',
  'rtpengine-daemon': 'rtpengine',
  gcc: 'gcc',
  openssl: 'openssl',
  postgresql: 'pg_lsclusters',
  'swift-proxy': 'swift-proxy-server',
  'swift-account': 'swift-account-server',
  'swift-container': 'swift-container-server',
  'swift-object': 'swift-object-server',
}

/** Whether a program is on the PATH. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
}

/** The packages whose programs are missing here. */
export function missingPeers(): string[] {
  return Object.entries(PEERS).flatMap(([name, program]) => (hasProgram(program) ? [] : [name]))
}

/** Installs the missing Debian packages where this machine lets us; otherwise says which tests will be skipped for want of them. */
export function installPeers(): void {
  const missing = missingPeers()
  if (missing.length === 0) return
  const mayInstall = process.getuid?.() === 0 && hasProgram('apt-get')
  if (!mayInstall) {
    console.log(
      `Not installed here: ${missing.join(', ')} (Debian packages). Tests that need them are skipped.`,
    )
    return
  }
  console.log(`Installing ${missing.join(', ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', '-qq', ...missing], {
      stdio: 'ignore',
      env,
    })
  } catch {
    try {
      execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', '-qq', ...missing], {
        stdio: 'ignore',
        env,
      })
    } catch {
      console.log(`Could not install ${missingPeers().join(', ')}. Tests that need them are skipped.`)
    }
  }
}

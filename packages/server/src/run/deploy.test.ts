/** The files under deploy/ as far as they can be looked at without building an image: syntax, names of settings, paths. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { readConfig } from '../config/read-config.ts'
import { SETTINGS, variableOf } from '../config/settings.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const read = (name: string): string => readFileSync(join(ROOT, 'deploy', name), 'utf8')
const NO_SYSTEMD =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'the program systemd-analyze is not here'

/** Every variable of ours that a text names is one that a start accepts. */
function assertSettings(text: string): void {
  const known = new Set(SETTINGS.flatMap(({ name }) => [variableOf(name), `${variableOf(name)}_FILE`]))
  const named = [...text.matchAll(/\bTANDEM_[A-Z_]+\b/g)].map(([name]) => name)
  for (const name of named) assert.ok(known.has(name) || name === 'TANDEM_NAME', name)
}

describe('deploy', () => {
  it('has a compose file that YAML takes, whose services build from files that are there', () => {
    const text = read('compose.yaml')
    const compose = parse(text, { merge: true }) as {
      services: Record<string, { profiles: string[]; build?: { context: string; dockerfile: string } }>
      volumes: object
      secrets: object
    }
    assert.deepEqual(
      Object.entries(compose.services).map(([name, { profiles }]) => `${name} ${profiles}`),
      ['tandem sqlite', 'tandem-postgres postgres', 'postgres postgres'],
    )
    const { build } = compose.services['tandem'] ?? {}
    assert.ok(build !== undefined && existsSync(join(ROOT, 'deploy', build.context, build.dockerfile)))
    assertSettings(text)
  })

  it('copies into the image what a start needs, every workspace among it', () => {
    const text = read('Dockerfile')
    for (const [, from = ''] of text.matchAll(/^COPY (?!--)(\S+)(?: \S+)* \S+$/gm))
      assert.ok(existsSync(join(ROOT, from)), from)
    const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      workspaces: string[]
    }
    const ignored = read('Dockerfile.dockerignore')
    for (const workspace of workspaces) {
      const path = workspace === 'packages/*' ? 'packages' : `${workspace}/package.json`
      assert.ok(text.includes(`COPY ${path} `), `${path} is copied`)
      assert.ok(ignored.includes(`!${path}\n`), `${path} is not ignored`)
    }
    assert.match(text, /^USER tandem$/m)
    assert.match(text, /^HEALTHCHECK .*"tandem", "readyz"/m)
    assertSettings(text)
  })

  it('waits for a drain longer than the drain takes', () => {
    const { drainSeconds } = readConfig()
    const patience = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('tandem.service'))?.[1])
    const grace = Number(/stop_grace_period: (\d+)s/.exec(read('compose.yaml'))?.[1])
    assert.ok(Math.min(patience, grace) >= drainSeconds + 30)
    assertSettings(read('tandem.service'))
  })

  it('has a unit that systemd takes', { skip: NO_SYSTEMD }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-unit-'))
    try {
      const file = join(folder, 'tandem.service')
      writeFileSync(
        file,
        read('tandem.service').replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`),
      )
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
      })
      const ours = stderr.split('\n').filter((line) => line.includes('tandem.service'))
      assert.deepEqual([status, ours], [0, []])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

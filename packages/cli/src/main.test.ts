import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXIT } from './failure.ts'

const BIN = fileURLToPath(new URL('../bin/tandem.mjs', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'))
const DIRECTORY = join(folder, 'directory.yaml')
writeFileSync(
  DIRECTORY,
  `organizations:
  - name: Radio
    domains: [radio.test]
    locations:
      - name: Berlin
    people:
      - email: ada@radio.test
        name: Ada
        extension: "101"
        devices:
          - { name: desk phone, sipUser: ada, sipPassword: a-long-password }
`,
)
after(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A `tandem` process; `said` resolves when its output first matches. */
function start(
  args: readonly string[],
  program: readonly string[] = [process.execPath, BIN],
): { child: ChildProcess; ended: Promise<Ended>; said(pattern: RegExp): Promise<RegExpExecArray | null> } {
  const [command = '', ...before] = program
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TANDEM_') && name !== 'SIP_PASSWORD'),
  )
  const child = spawn(command, [...before, ...args], { cwd: folder, env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  )
  const said = async (pattern: RegExp): Promise<RegExpExecArray | null> => {
    while (!pattern.test(stdout)) {
      assert.equal(child.exitCode, null, `it ended before it said ${pattern}: ${stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return pattern.exec(stdout)
  }
  return { child, ended, said }
}

function tandem(...args: string[]): Promise<Ended> {
  return start(args).ended
}

/** A Node on the path that is too old for the program; undefined when there is none. */
function oldNode(): string | undefined {
  for (const path of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      const version = execFileSync(join(path, 'node'), ['--version'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const major = Number(/^v(\d+)/.exec(version)?.[1])
      if (major >= 18 && major < 24) return join(path, 'node')
    } catch {
      // No node here: the next folder may have one.
    }
  }
  return undefined
}

describe('tandem', () => {
  it('helps, and says which exit codes there are', async () => {
    const { code, stdout } = await tandem('--help')
    assert.equal(code, EXIT.done)
    for (const word of [
      'serve',
      'token',
      'directory',
      'phone',
      'calls',
      'trace',
      'Exit codes: 0 done, 1 failed',
    ])
      assert.ok(stdout.includes(word), word)
    assert.match((await tandem('serve', '--help')).stdout, /--http-port <VALUE>[^\n]*TANDEM_HTTP_PORT/)
  })

  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['fly'], /unknown command 'fly'/],
    [['tokens'], /Did you mean token\?/],
    [['serve', '--http-prot', '1'], /unknown option '--http-prot'[\s\S]*--http-port/],
    [['token', 'create'], /'--person <EMAIL>' not specified/],
    [['token', 'create', '--person', 'a@b', '--expires', '30'], /a time such as 90m, 12h or 30d/],
    [['token', 'create', '--person', 'a@b', '--expires', '3651d'], /at most 3650d/],
    [['phone', '--user', 'a', '--domain', 'b', '--proxy', 'x:99999'], /HOST or HOST:PORT/],
    [['phone', '--user', 'a', '--domain', 'b', '--proxy', 'x', '--codec', 'opus'], /PCMU and PCMA/],
  ]
  for (const [args, message] of wrong)
    it(`refuses "${args.join(' ')}" with exit code 2 and help`, async () => {
      const { code, stdout, stderr } = await tandem(...args)
      assert.equal(code, EXIT.usage)
      assert.match(stderr, message)
      assert.equal(stdout, '')
    })
})

describe('tandem token and directory', () => {
  const data = join(folder, 'data')

  it('applies a directory, dry first, and makes a token of one of its people', async () => {
    const dry = await tandem('directory', 'apply', DIRECTORY, '--dry-run', '--data', data)
    assert.deepEqual([dry.code, dry.stderr], [EXIT.done, ''])
    assert.match(dry.stdout, /\d+ changes would be made; nothing was changed\.\n$/)
    const nobody = await tandem('token', 'create', '--person', 'ada@radio.test', '--data', data)
    assert.equal(nobody.code, EXIT.failed)
    assert.match(nobody.stderr, /^No person of the directory has this email[^\n]*\n$/)

    assert.match(
      (await tandem('directory', 'apply', DIRECTORY, '--data-folder', data)).stdout,
      /^create organization [\s\S]*\d+ changes made\.\n$/,
    )
    assert.match(
      (await tandem('directory', 'apply', DIRECTORY, '--data', data)).stdout,
      /^The directory is already so\.\n$/,
    )

    const token = await tandem(
      'token',
      'create',
      '--person',
      'ada@radio.test',
      '--scopes',
      'spark:calls_read,spark:people_read',
      '--expires',
      '30d',
      '--data',
      data,
    )
    assert.equal(token.code, EXIT.done)
    assert.match(token.stdout, /^tdm_\S+\n$/)
    assert.match(token.stderr, /spark:calls_read spark:people_read; it works until 20/)
    const quiet = await tandem('token', 'create', '--person', 'ada@radio.test', '--data', data, '--quiet')
    assert.match(quiet.stdout, /^tdm_\S+\n$/)
    assert.equal(quiet.stderr, '')
  })

  it('changes nothing for a faulty file, and names line and field', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, 'organizations:\n  - name: 5\n    domains: []\n')
    const { code, stdout, stderr } = await tandem('directory', 'apply', file, '--data', data)
    assert.equal(code, EXIT.failed)
    assert.match(stderr, /bad\.yaml:\d+/)
    assert.match(stderr, /Nothing was changed: correct/)
    assert.equal(stdout, '')
    const missing = await tandem('directory', 'apply', join(folder, 'none.yaml'), '--data', data)
    assert.deepEqual([missing.code, missing.stderr.split('\n').length], [EXIT.failed, 2])
  })

  it('says in a sentence that a scope does not exist', async () => {
    const { code, stderr } = await tandem(
      'token',
      'create',
      '--person',
      'ada@radio.test',
      '--scopes',
      'spark:fly',
      '--data',
      data,
    )
    assert.deepEqual([code, stderr], [EXIT.failed, 'There is no scope spark:fly.\n'])
  })
})

describe('tandem phone', () => {
  const account = ['phone', '--user', 'ada', '--domain', 'example.test', '--json', '--no-register']

  it('calls another one by script; both print an event a line and end with 0', {
    timeout: 20_000,
  }, async () => {
    const ben = start([
      ...account,
      '--user',
      'ben',
      '--password',
      'x',
      '--proxy',
      '127.0.0.1',
      '--listen',
      '127.0.0.1',
      '--script',
      'wait ringing; answer; wait ended',
    ])
    const [, port] = (await ben.said(/"listening".*"port":(\d+)/)) ?? []
    const ada = await tandem(
      ...account,
      '--password',
      'x',
      '--proxy',
      `127.0.0.1:${port}`,
      '--tone',
      '440',
      '--script',
      'dial ben; wait established; wait 100ms; hangup',
    )
    assert.deepEqual([ada.code, ada.stderr], [EXIT.done, ''])
    const events = ada.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; at: string })
    assert.deepEqual(
      events.map((event) => event.event),
      ['listening', 'ringing', 'established', 'ended'],
    )
    assert.ok(events.every((event) => !Number.isNaN(Date.parse(event.at))))
    assert.equal((await ben.ended).code, EXIT.done)
  })

  const failing: readonly (readonly [string[], RegExp])[] = [
    [['--password', 'x', '--proxy', '127.0.0.1:9', '--script', 'jump'], /^"jump" is no step/],
    [
      ['--password', 'x', '--proxy', '127.0.0.1:9', '--script', 'answer'],
      /^nobody is calling \(line 1, column 1\)\n$/,
    ],
    [
      ['--password', 'x', '--proxy', '127.0.0.1:9', '--script', 'wait incoming within 10ms'],
      /^waited 10 ms in vain for incoming \(line 1, column 1\)\n$/,
    ],
    [
      ['--password', 'x', '--proxy', '127.0.0.1:9', '--tone', '440', '--play', 'x.wav'],
      /^Give --tone or --play, not both\.\n$/,
    ],
    [
      ['--password', 'x', '--proxy', '127.0.0.1:9', '--auto-answer', 'soon'],
      /^--auto-answer is always, header/,
    ],
    [['--password', 'x', '--proxy', '127.0.0.1:9', '--play', 'none.wav'], /^cannot read none\.wav/],
    [['--proxy', '127.0.0.1:9'], /^Give --password or set SIP_PASSWORD\.\n$/],
  ]
  for (const [args, message] of failing)
    it(`fails with exit code 1 and a sentence for "${args.slice(2).join(' ')}"`, async () => {
      const { code, stderr } = await tandem(...account, ...args)
      assert.equal(code, EXIT.failed)
      assert.match(stderr, message)
    })

  for (const program of ['the bin under this Node', 'the bin under an older Node'] as const) {
    const node = program === 'the bin under an older Node' ? oldNode() : process.execPath
    it(`passes SIGTERM and the exit code through, run by ${program}`, {
      timeout: 20_000,
      skip: node === undefined ? 'no Node from 18 to 23 is on the path' : false,
    }, async () => {
      const phone = start(
        [...account, '--password', 'x', '--proxy', '127.0.0.1:9', '--script', 'wait 60s'],
        [node ?? '', BIN],
      )
      await phone.said(/"listening"/)
      phone.child.kill('SIGTERM')
      const { code, stderr } = await phone.ended
      assert.deepEqual([code, stderr], [EXIT.failed, 'The script was stopped before its end.\n'])
    })
  }
})

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { StartFailure } from '../start-failure.ts'
import { parseListen } from './listen.ts'
import { type ConfigSources, readConfig } from './read-config.ts'
import { flagOf, SETTINGS, variableOf } from './settings.ts'
import { PAGE, settingsPage } from './settings-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-config-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
function file(text: string): string {
  const name = join(folder, `${++files}-tandem.yaml`)
  writeFileSync(name, text)
  return name
}

function refusal(sources: ConfigSources): string {
  try {
    readConfig(sources)
  } catch (error) {
    assert.ok(error instanceof StartFailure, String(error))
    assert.ok(!error.message.includes('\n'), 'one sentence')
    return error.message
  }
  return 'accepted'
}

describe('readConfig', () => {
  it('has a value for every row of the table, and listens on loopback by default', () => {
    const config = readConfig()
    assert.deepEqual(
      Object.keys(config),
      SETTINGS.map((setting) => setting.name),
    )
    assert.equal(config.httpHost, '127.0.0.1')
    assert.deepEqual(config.sipListen, ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'])
  })

  it('lets a flag win over the environment, that over the file, that over the default', () => {
    const config = file('httpPort: 1\n')
    const env = { TANDEM_CONFIG: config }
    assert.equal(readConfig().httpPort, 8080)
    assert.equal(readConfig({ env }).httpPort, 1)
    assert.equal(readConfig({ env: { ...env, TANDEM_HTTP_PORT: '2' } }).httpPort, 2)
    assert.equal(readConfig({ env: { ...env, TANDEM_HTTP_PORT: '2' }, flags: { httpPort: '3' } }).httpPort, 3)
    assert.equal(readConfig({ flags: { config } }).httpPort, 1)
  })

  it('reads a secret from a file, and never shows it', () => {
    const name = join(folder, 'key')
    writeFileSync(name, 'c2VjcmV0\n')
    const { key } = readConfig({ env: { TANDEM_KEY_FILE: name } })
    assert.equal(key?.reveal(), 'c2VjcmV0')
    assert.ok(!JSON.stringify(readConfig({ env: { TANDEM_KEY: 'c2VjcmV0' } })).includes('c2VjcmV0'))
  })

  it('takes lists with commas and as YAML', () => {
    const sipListen = ['udp:127.0.0.1:5062', 'tcp:[::1]:5062']
    assert.deepEqual(readConfig({ flags: { sipListen: sipListen.join(', ') } }).sipListen, sipListen)
    assert.deepEqual(
      readConfig({ flags: { config: file(`sipListen: ${JSON.stringify(sipListen)}`) } }).sipListen,
      sipListen,
    )
  })

  it('refuses the unknown and the impossible in one sentence that names it', () => {
    const cases: [ConfigSources, RegExp][] = [
      [{ flags: { htpPort: '1' } }, /--htp-port/],
      [{ env: { TANDEM_HTTP_PROT: '1' } }, /TANDEM_HTTP_PROT/],
      [{ env: { TANDEM_HTTP_PORT_FILE: '/x' } }, /TANDEM_HTTP_PORT_FILE/],
      [{ flags: { config: file('htpPort: 1') } }, /htpPort \(in .*tandem.yaml\)/],
      [{ flags: { config: file('- a') } }, /must hold settings/],
      [{ flags: { config: file('a: [') } }, /not valid YAML/],
      [{ flags: { config: join(folder, 'absent') } }, /cannot be read \(ENOENT\)/],
      [{ env: { TANDEM_HTTP_PORT: '65536' } }, /TANDEM_HTTP_PORT must be a whole number from 0 to 65535/],
      [{ env: { TANDEM_HTTP_PORT: '' } }, /TANDEM_HTTP_PORT/],
      [{ env: { TANDEM_HTTP_PORT: '80.5' } }, /TANDEM_HTTP_PORT/],
      [{ flags: { logLevel: 'loud' } }, /--log-level must be one of debug/],
      [{ flags: { sipListen: 'udp:localhost:5060' } }, /sipListen/],
      [{ flags: { publicUrl: 'https://host/path' } }, /publicUrl/],
      [{ flags: { mediaPortMin: '30000', mediaPortMax: '30000' } }, /mediaPortMax/],
      [{ env: { TANDEM_KEY_FILE: join(folder, 'none') } }, /TANDEM_KEY_FILE/],
    ]
    for (const [sources, expected] of cases) assert.match(refusal(sources), expected)
  })

  it('accepts each whole number up to its limits and no further', () => {
    for (const { name, type } of SETTINGS) {
      if (type.kind !== 'integer') continue
      for (const out of [type.min - 1, type.max + 1])
        assert.match(refusal({ flags: { [name]: String(out) } }), new RegExp(flagOf(name)))
    }
    assert.equal(refusal({ flags: { httpPort: '65535' } }), 'accepted')
    assert.equal(refusal({ flags: { httpPort: '0' } }), 'accepted')
  })
})

describe('parseListen', () => {
  it('reads both transports and both families', () => {
    assert.deepEqual(parseListen('udp:0.0.0.0:5060'), { transport: 'udp', host: '0.0.0.0', port: 5060 })
    assert.deepEqual(parseListen('TCP:[2001:db8::1]:0'), { transport: 'tcp', host: '2001:db8::1', port: 0 })
    for (const text of [
      '',
      'udp',
      'tls:1.1.1.1:1',
      'udp:::1:5060',
      'udp:[1.2.3.4]:1',
      'udp:1.2.3:1',
      'udp:1.2.3.4:65536',
    ])
      assert.equal(parseListen(text), undefined, text)
  })
})

describe('docs/settings.md', () => {
  it('is what the table says', () => {
    assert.equal(readFileSync(PAGE, 'utf8'), settingsPage())
  })

  it('names each setting by flag and variable', () => {
    assert.equal(variableOf('sipAdvertisedHost'), 'TANDEM_SIP_ADVERTISED_HOST')
    assert.equal(flagOf('sipAdvertisedHost'), '--sip-advertised-host')
  })
})

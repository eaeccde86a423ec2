import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Secret } from '@tandem/base'
import { readConfig } from '../config/read-config.ts'
import type { Config } from '../config/settings.ts'
import { makeCertificate, NO_OPENSSL } from '../testing/make-certificate.ts'
import { openTestData } from '../testing/open-test-data.ts'
import { checkAddresses } from './addresses.ts'
import { type DoctorCheck, inBytes } from './check.ts'
import { checkDisk } from './disk.ts'
import { examine } from './doctor.ts'
import { checkLimits, ephemeralPorts } from './limits.ts'
import { checkCertificate, checkClock } from './machine.ts'
import { checkPorts, checkRtpPorts } from './ports.ts'
import { checkDatabase, checkKey, checkVault } from './stores.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-doctor-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** The levels of some checks, by what was looked at. */
function levels(checks: readonly DoctorCheck[]): Record<string, string> {
  for (const check of checks) assert.equal(check.level === 'ok', check.remedy === undefined, check.what)
  return Object.fromEntries(checks.map(({ what, level }) => [what, level]))
}

const config = (flags: Record<string, string>): Config =>
  readConfig({ flags: { dataFolder: folder, ...flags } })

describe('ports', () => {
  it('are free, held by a program that is named, or the running server’s own', async () => {
    const holder = createServer()
    await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done))
    const { port } = holder.address() as AddressInfo
    try {
      const settings = config({ httpPort: String(port), managementPort: '0', sipListen: 'udp:127.0.0.1:0' })
      const [http, ...others] = await checkPorts(settings, false)
      assert.equal(http?.level, 'fail')
      assert.match(http?.found ?? '', new RegExp(`taken by .*\\(${process.pid}\\)`))
      assert.match(http?.remedy ?? '', /--http-port/)
      assert.deepEqual(
        others.map(({ level }) => level),
        ['ok', 'ok'],
      )
      assert.equal((await checkPorts(settings, true))[0]?.level, 'ok')
    } finally {
      holder.close()
    }
  })

  it('cannot be opened on an address of another machine', async () => {
    const [http] = await checkPorts(config({ httpHost: '192.0.2.1' }), false)
    assert.equal(http?.level, 'fail')
    assert.match(http?.remedy ?? '', /--http-host/)
  })

  it('of RTP should not be those that the system hands out', async () => {
    const settings = config({ mediaPortMin: '31900', mediaPortMax: '31999' })
    const options = { running: false, ephemeral: undefined }
    assert.deepEqual(
      (await checkRtpPorts(settings, options)).map(({ level }) => level),
      ['ok'],
    )
    const handedOut = await checkRtpPorts(settings, { ...options, ephemeral: [31_999, 60_999] })
    assert.deepEqual(
      handedOut.map(({ level }) => level),
      ['ok', 'warn'],
    )
    const away = config({ mediaHost: '192.0.2.1' })
    assert.equal((await checkRtpPorts(away, options))[0]?.level, 'fail')
  })
})

describe('addresses', () => {
  const interfaces = (...addresses: string[]): Record<string, NetworkInterfaceInfo[]> => ({
    eth0: addresses.map((address) => ({ address }) as NetworkInterfaceInfo), // No more of it is read.
  })
  const look = (flags: Record<string, string>, ...own: string[]): string[] =>
    checkAddresses(config(flags), interfaces('127.0.0.1', ...own)).map(
      ({ level, what }) => `${level} ${what}`,
    )
  const LAN = { sipListen: 'udp:10.0.0.5:5060', mediaHost: '10.0.0.5' }

  it('of loopback serve this machine, and those of the network the network', () => {
    assert.deepEqual(look({}), ['ok SIP address 127.0.0.1', 'ok RTP address 127.0.0.1'])
    assert.deepEqual(look(LAN, '10.0.0.5'), ['ok SIP address 10.0.0.5', 'ok RTP address 10.0.0.5'])
  })

  it('that no interface has, or that are the phone itself, fail', () => {
    assert.deepEqual(look(LAN, '10.0.0.6'), ['fail SIP address 10.0.0.5', 'fail RTP address 10.0.0.5'])
    assert.deepEqual(
      look({ ...LAN, sipAdvertisedHost: '127.0.0.1' }, '10.0.0.5')[0],
      'fail SIP address 10.0.0.5',
    )
  })

  it('of signalling without media are calls without sound', () => {
    const found = look({ sipListen: 'udp:10.0.0.5:5060' }, '10.0.0.5')
    assert.ok(found.includes('fail SIP and RTP together'))
    const half = look({ ...LAN, sipAdvertisedHost: '198.51.100.7' }, '10.0.0.5')
    assert.ok(half.includes('warn SIP and RTP together'))
    const both = { ...LAN, sipAdvertisedHost: '198.51.100.7', mediaAdvertisedHost: '198.51.100.7' }
    assert.deepEqual(look(both, '10.0.0.5'), ['ok SIP address 10.0.0.5', 'ok RTP address 10.0.0.5'])
  })

  it('that are private on a public machine, or everything, are pointed out', () => {
    assert.deepEqual(look(LAN, '10.0.0.5', '198.51.100.7'), [
      'warn SIP address 10.0.0.5',
      'warn RTP address 10.0.0.5',
    ])
    const all = { sipListen: 'udp:0.0.0.0:5060', mediaHost: '0.0.0.0' }
    assert.deepEqual(look(all, '10.0.0.5'), ['warn SIP address 0.0.0.0', 'warn RTP address 0.0.0.0'])
    assert.deepEqual(
      look({ sipListen: 'tcp:[fd00::5]:5060', mediaHost: 'fd00::5' }, 'fd00::5', '2001:db8::5'),
      ['warn SIP address fd00::5', 'warn RTP address fd00::5'],
    )
  })
})

describe('limits', () => {
  const files = (more: Record<string, string>): Record<string, string> => ({
    '/proc/self/limits': 'Max open files            65536                65536                files\n',
    '/proc/sys/net/core/rmem_max': '4194304\n',
    '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
    ...more,
  })
  const look = (more: Record<string, string> = {}, total = 2 ** 32): Record<string, string> =>
    levels(checkLimits(config({}), { read: (file) => files(more)[file], memory: { total, free: total } }))

  it('are enough, or named with what to set', () => {
    assert.deepEqual(Object.values(look()), ['ok', 'ok', 'ok'])
    const few = { '/proc/self/limits': 'Max open files            1024                524288\n' }
    assert.equal(look(few)['Open files and sockets'], 'warn')
    assert.equal(look({ '/proc/sys/net/core/rmem_max': '212992\n' })['Receive buffers'], 'warn')
    assert.equal(look({}, 2 ** 28)['Memory'], 'warn')
    assert.equal(look({ '/sys/fs/cgroup/memory.max': '134217728\n' })['Memory'], 'warn')
    assert.equal(look({ '/sys/fs/cgroup/memory.max': 'max\n' })['Memory'], 'ok')
  })

  it('are not guessed where the system does not say', () => {
    const silent = { read: () => undefined, memory: { total: 2 ** 32, free: 0 } }
    assert.deepEqual(Object.values(levels(checkLimits(config({}), silent))), ['ok', 'ok', 'ok'])
    assert.equal(ephemeralPorts(silent), undefined)
    assert.deepEqual(ephemeralPorts({ ...silent, read: (file) => files({})[file] }), [32_768, 60_999])
  })
})

describe('the data folder', () => {
  it('is for its owner alone, with room and a disk that syncs; nothing is left behind', async () => {
    const dataFolder = join(folder, 'data')
    assert.equal((await checkDisk({ dataFolder }))[0]?.level, 'warn')
    mkdirSync(join(dataFolder, 'keys'), { recursive: true, mode: 0o700 })
    chmodSync(dataFolder, 0o700)
    writeFileSync(join(dataFolder, 'keys', 'master.key'), 'x', { mode: 0o600 })
    const fine = levels(await checkDisk({ dataFolder }))
    assert.equal(fine['Rights of data and keys'], 'ok')
    assert.equal(fine['Writing and syncing'], 'ok')
    assert.deepEqual(readdirSync(dataFolder), ['keys'])
    chmodSync(join(dataFolder, 'keys', 'master.key'), 0o640) // Its group is others too.
    const behind = await checkDisk({ dataFolder })
    assert.equal(
      levels(behind)[`Rights of ${join(dataFolder, 'keys', 'master.key')}`],
      'warn',
      'the folder is closed',
    )
    chmodSync(dataFolder, 0o755)
    const open = await checkDisk({ dataFolder })
    assert.deepEqual(
      open.filter(({ level }) => level === 'fail').map(({ remedy }) => remedy),
      [`Run chmod 700 ${dataFolder}.`, `Run chmod 600 ${join(dataFolder, 'keys', 'master.key')}.`],
    )
    const file = join(folder, 'file')
    writeFileSync(file, '')
    assert.equal((await checkDisk({ dataFolder: file }))[0]?.level, 'fail')
  })
})

describe('database, key and store', () => {
  it('are looked at beside whoever has them open', async () => {
    const data = await openTestData()
    const server = process.env['TANDEM_TEST_DATABASE_URL'] // Then the data are on it.
    const databaseUrl = server === undefined ? undefined : new Secret(server)
    const settings = { dataFolder: data.folder, databaseUrl }
    try {
      const checks = await checkDatabase(settings)
      assert.match(checks[0]?.found ?? '', /^(SQLite|PostgreSQL) \d/)
      assert.deepEqual(
        checks.map(({ level }) => level),
        ['ok', 'ok'],
      )
    } finally {
      await data.remove()
    }
  })

  it('are told apart from what is broken', async () => {
    const dataFolder = join(folder, 'broken')
    mkdirSync(join(dataFolder, 'keys'), { recursive: true, mode: 0o700 })
    assert.equal((await checkDatabase(config({ dataFolder })))[0]?.level, 'ok', 'the first start makes it')
    assert.equal(checkKey(config({ dataFolder })).level, 'ok')
    writeFileSync(join(dataFolder, 'tandem.db'), 'no database at all, and long enough to be looked at')
    const [database] = await checkDatabase(config({ dataFolder }))
    assert.equal(database?.level, 'fail')
    assert.equal(checkKey(config({ dataFolder })).level, 'fail', 'data without their key')
    const away = readConfig({ env: { TANDEM_DATABASE_URL: 'postgres://canary:canary@127.0.0.1:1/tandem' } })
    const [postgres] = await checkDatabase(away)
    assert.equal(postgres?.level, 'fail')
    assert.ok(!JSON.stringify(postgres).includes('canary'), 'no password is shown')
  })

  it('of recordings may be a folder or a bucket', async () => {
    const look = async (vaultUrl: string, env = {}): Promise<string> =>
      (await checkVault(config({ vaultUrl }), env)).level
    assert.equal(await look(`file:${folder}`), 'ok')
    assert.equal(await look('file:not-yet'), 'ok')
    assert.equal(await look('ftp://somewhere'), 'fail')
    assert.equal(await look('s3://b/p?endpoint=http://127.0.0.1:1'), 'fail', 'without credentials')
    const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
    assert.equal(await look('s3://b/p?endpoint=http://127.0.0.1:1', env), 'fail', 'nobody answers')
    assert.equal(await look('s3://b/p', env), 'ok')
  })
})

describe('clock and certificate', () => {
  it('of a machine that follows a time server, or does not', () => {
    const now = Date.UTC(2026, 5, 1)
    const level = (synchronized: boolean): string => checkClock({ synchronized }, now).level
    assert.deepEqual([level(true), level(false), checkClock(undefined, now).level], ['ok', 'warn', 'ok'])
    assert.equal(checkClock({ synchronized: true }, 0).level, 'fail')
  })

  it('are missing where others reach the API without TLS', async () => {
    const level = async (flags: Record<string, string>): Promise<string> =>
      (await checkCertificate(config(flags))).level
    assert.equal(await level({}), 'ok')
    assert.equal(await level({ httpHost: '0.0.0.0' }), 'warn')
    assert.equal(await level({ httpHost: '0.0.0.0', publicUrl: 'https://pbx.example.com' }), 'ok')
    assert.equal(await level({ tlsCertificateFile: '/absent', tlsKeyFile: '/absent' }), 'fail')
  })

  it('end some day', { skip: NO_OPENSSL }, async () => {
    const { certificate: tlsCertificateFile, key: tlsKeyFile } = makeCertificate(folder, 'short', {
      days: 20,
    })
    const level = async (days: number): Promise<string> =>
      (await checkCertificate(config({ tlsCertificateFile, tlsKeyFile }), Date.now() + days * 86_400_000))
        .level
    assert.deepEqual([await level(0), await level(10), await level(21)], ['ok', 'warn', 'fail'])
  })
})

describe('tandem doctor', () => {
  it('looks at everything, and says first when the settings cannot be used', async () => {
    const flags = {
      dataFolder: join(folder, 'none'),
      managementPort: '0',
      httpPort: '0',
      sipListen: 'udp:127.0.0.1:0',
    }
    const checks = await examine({ flags, env: {} })
    assert.ok(checks.length >= 14)
    assert.deepEqual(
      checks.filter(({ level }) => level === 'fail'),
      [],
    )
    levels(checks)
    const [only, ...none] = await examine({ flags: { httpPort: 'x' } })
    assert.deepEqual([only?.level, none], ['fail', []])
  })

  it('shows sizes for people', () => {
    assert.deepEqual([0, 1_023, 1_536, 2 ** 30, 2 ** 50].map(inBytes), [
      '0 bytes',
      '1023 bytes',
      '1.5 KiB',
      '1.0 GiB',
      '1024 TiB',
    ])
  })
})

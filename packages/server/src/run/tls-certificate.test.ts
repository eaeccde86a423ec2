import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { SILENT } from '@tandem/base'
import { Alarms } from '../observe/alarms.ts'
import { Counters } from '../observe/counters.ts'
import { StartFailure } from '../start-failure.ts'
import { makeCertificate, NO_OPENSSL } from '../testing/make-certificate.ts'
import {
  CertificateWatch,
  readCertificate,
  type TlsCertificate,
  type TlsSettings,
} from './tls-certificate.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

describe('the certificate of the REST API', { skip: NO_OPENSSL }, () => {
  let folder: string
  let settings: TlsSettings
  const put = (name: string): void => {
    copyFileSync(join(folder, `${name}.pem`), settings.tlsCertificateFile)
    copyFileSync(join(folder, `${name}.key`), settings.tlsKeyFile)
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'))
    settings = {
      tlsCertificateFile: join(folder, 'now.pem'),
      tlsKeyFile: join(folder, 'now.key'),
      tlsMinVersion: 'TLSv1.2',
    }
    makeCertificate(folder, 'first')
    makeCertificate(folder, 'second', { days: 10 })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** The one sentence that a start with these files ends with. */
  async function refusal(change: Partial<TlsSettings>): Promise<string> {
    try {
      await readCertificate({ ...settings, ...change })
    } catch (error) {
      assert.ok(error instanceof StartFailure && !error.message.includes('\n'))
      return error.message
    }
    return 'taken'
  }

  it('is none unless it is configured', async () => {
    assert.equal(await readCertificate({ ...settings, tlsCertificateFile: '' }), undefined)
  })

  it('is refused with the reason when it cannot be read, is none, or has another key', async () => {
    put('first')
    assert.equal(await refusal({}), 'taken')
    assert.match(
      await refusal({ tlsKeyFile: join(folder, 'absent') }),
      /key file .*absent cannot be read \(ENOENT\)/,
    )
    const text = join(folder, 'text')
    writeFileSync(text, 'no certificate')
    assert.match(await refusal({ tlsCertificateFile: text }), /holds no certificate in PEM/)
    assert.match(await refusal({ tlsKeyFile: text }), /holds no private key in PEM/)
    assert.match(await refusal({ tlsKeyFile: join(folder, 'second.key') }), /does not belong to the key/)
  })

  it('changes under a running server; a pair that does not fit changes nothing and is one alarm', async () => {
    put('first')
    const certificate = (await readCertificate(settings)) as TlsCertificate // Configured above.
    const server = createServer(certificate.options, (_request, response) => response.end('hello'))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).subject)
          socket.destroy()
        })
        socket.on('error', reject)
      })
    const counters = new Counters()
    const alarms = new Alarms({ counters, logger: () => SILENT })
    const watch = new CertificateWatch({
      ...{ settings, certificate, alarms, logger: SILENT },
      use: (options) => server.setSecureContext(options),
    })
    try {
      await watch.look()
      assert.equal(await shown(), 'CN=first')
      put('second')
      await watch.look()
      assert.equal(await shown(), 'CN=first', 'files that may still be written are left alone')
      await watch.look()
      assert.equal(await shown(), 'CN=second')
      assert.ok(watch.daysLeft > 8 && watch.daysLeft < 11)
      assert.deepEqual(alarms.raised, ['certificate-expires'])

      copyFileSync(join(folder, 'first.key'), settings.tlsKeyFile)
      for (let look = 0; look < 4; look++) await watch.look()
      assert.equal(await shown(), 'CN=second', 'the one before stays in use')
      const raised = (kind: string): number | undefined =>
        counters.read('tandem_alarms_total').find((series) => series.labels['kind'] === kind)?.value
      assert.equal(raised('certificate-refused'), 1, 'one line, however often it is looked at')
      assert.equal(alarms.raised.length, 2)

      put('first')
      await watch.look()
      await watch.look()
      assert.equal(await shown(), 'CN=first')
      assert.deepEqual(alarms.raised, [])
    } finally {
      watch.stop()
      server.closeAllConnections()
      server.close()
    }
  })

  it('raises the alarm fourteen days before its end and not sooner', async () => {
    put('first')
    const certificate = (await readCertificate(settings)) as TlsCertificate // Configured above.
    const clock = { now: certificate.endsAt - 14 * DAY_MS - 1 }
    const alarms = new Alarms({ counters: new Counters(), logger: () => SILENT })
    const options = { settings, certificate, alarms, logger: SILENT, use() {}, now: () => clock.now }
    const watch = new CertificateWatch(options)
    await watch.look()
    assert.deepEqual(alarms.raised, [])
    clock.now += 2
    await watch.look()
    assert.deepEqual(alarms.raised, ['certificate-expires'])
  })
})

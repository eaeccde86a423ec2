/** Certificates for tests, made by the `openssl` program. */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Why tests of TLS are skipped here; false when they are not. */
export const NO_OPENSSL: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

/** Makes a certificate of its own for 127.0.0.1 under two new file names in a folder. */
export function makeCertificate(
  folder: string,
  name: string,
  { days = 365 }: { readonly days?: number } = {},
): { readonly certificate: string; readonly key: string } {
  const certificate = join(folder, `${name}.pem`)
  const key = join(folder, `${name}.key`)
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', String(days), '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  )
  return { certificate, key }
}

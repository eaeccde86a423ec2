/**
 * `tandem verify`: checks exports offline. The server is not asked, nothing is written, and nothing of Tandem's other
 * packages is loaded. Exit codes: 0 all whole, 1 something is not, 2 something cannot be read.
 */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { EXIT } from '../failure.ts'
import { clean, printJson } from '../output.ts'
import { type Verdict, verifyExport } from '../verify/verify-export.ts'

/** Most faults shown of one path: the first ones say what is wrong, the others follow from them. */
const FAULTS_SHOWN = 10

interface Flags {
  readonly key: readonly string[]
  readonly json: boolean
}

/** Adds the command. `ended` takes the exit code. */
export function addVerify(program: Command, ended: (code: number) => void): void {
  program
    .command('verify')
    .description('check exports of recordings and of the audit log, offline')
    .argument('<PATH...>', 'tar archives, folders they were unpacked to, or audit logs as NDJSON')
    .option(
      '--key <FILE>',
      'trust only these public keys (PEM, or the keys.json of a server), got apart; may be repeated',
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .option('--json', 'print the verdicts as JSON', false)
    .action((paths: readonly string[], flags: Flags) => ended(verifyAll(paths, flags)))
}

function verifyAll(paths: readonly string[], flags: Flags): number {
  let code: number = EXIT.done
  const worse = (other: number): void => {
    code = Math.max(code, other)
  }
  let keys: string[]
  try {
    keys = flags.key.flatMap(keysIn)
  } catch (error) {
    console.error(sentence(error))
    return EXIT.usage
  }
  const verdicts: ({ readonly path: string } & (Verdict | { readonly error: string }))[] = []
  for (const path of paths) {
    try {
      const verdict = verifyExport(path, keys)
      verdicts.push({ path, ...verdict })
      if (verdict.faults.length > 0) worse(EXIT.failed)
      if (!flags.json) print(path, verdict, keys.length > 0)
    } catch (error) {
      verdicts.push({ path, error: sentence(error) })
      worse(EXIT.usage)
      if (!flags.json) console.error(`${clean(path)}: cannot be read: ${sentence(error)}`)
    }
  }
  if (flags.json) printJson(verdicts)
  return code
}

function print(path: string, { faults, keyIds }: Verdict, pinned: boolean): void {
  if (faults.length === 0) {
    const whose = pinned
      ? 'by a key that you trust'
      : 'by a key that only the export itself vouches for: compare it with the server’s, or give --key'
    console.log(`${clean(path)}: whole. Signed ${whose} (${keyIds.map(clean).join(', ')})`)
    return
  }
  console.log(`${clean(path)}: NOT whole`)
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`  ${clean(fault)}`)
  if (faults.length > FAULTS_SHOWN) console.log(`  and ${faults.length - FAULTS_SHOWN} more`)
}

/** Public keys of a file; throws a sentence when it holds none. */
function keysIn(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const pems = text
    .replaceAll('\\n', '\n') // As JSON writes them.
    .match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g)
  if (pems === null) throw new Error(`${file} holds no public key: give a PEM file or the keys of a server`)
  for (const pem of pems) {
    try {
      createPublicKey(pem)
    } catch {
      throw new Error(`${file} holds a public key that cannot be read`)
    }
  }
  return [...pems]
}

function sentence(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error))
}

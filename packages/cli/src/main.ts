/**
 * The `tandem` command. Each command is a file under `command/` and loads what it needs only when it is run, so that
 * `tandem --help` is quick and a client-only install needs neither server nor phone.
 */
import { Command, CommanderError } from 'commander'
import { addAudit } from './command/audit.ts'
import { addBackup } from './command/backup.ts'
import { addCalls } from './command/calls.ts'
import { addDevices } from './command/devices.ts'
import { addDirectory } from './command/directory.ts'
import { addDoctor } from './command/doctor.ts'
import { addKey } from './command/key.ts'
import { addMeetings } from './command/meetings.ts'
import { addPeople } from './command/people.ts'
import { addPerson } from './command/person.ts'
import { addPhone } from './command/phone.ts'
import { addReadyz } from './command/readyz.ts'
import { addRecordings } from './command/recordings.ts'
import { addRestore } from './command/restore.ts'
import { addRetention } from './command/retention.ts'
import { addServe } from './command/serve.ts'
import { addStorage } from './command/storage.ts'
import { addToken } from './command/token.ts'
import { addTrace } from './command/trace.ts'
import { addVerify } from './command/verify.ts'
import { EXIT, sentenceOf } from './failure.ts'

/** Runs one command line, without the program's own name; resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('tandem')
    .description('A self-hosted system that controls real phone calls and keeps their recordings.')
    .showHelpAfterError('(--help lists what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed (one sentence on stderr says why), 2 wrong command line, or evidence that cannot be read.',
    )
  let exitCode: number = EXIT.done
  try {
    await addServe(program, args, (code) => {
      exitCode = code
    })
    addToken(program)
    addPerson(program)
    addDirectory(program)
    addPeople(program)
    addDevices(program)
    addPhone(program)
    addCalls(program)
    addTrace(program)
    addRecordings(program)
    addMeetings(program)
    addAudit(program)
    addRetention(program)
    addStorage(program)
    addVerify(program, (code) => {
      exitCode = code
    })
    addKey(program)
    addBackup(program, (code) => {
      exitCode = code
    })
    addRestore(program, (code) => {
      exitCode = code
    })
    addReadyz(program)
    addDoctor(program, (code) => {
      exitCode = code
    })
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage // It has printed why.
    console.error(sentenceOf(error))
    return EXIT.failed
  }
}

const LINGER_MS = 2_000 // For output to leave and sockets to close; what keeps the process longer is a bug of ours.

/** Runs the command line of this process, and ends the process. */
export async function run(): Promise<void> {
  const code = await main(process.argv.slice(2))
  process.exitCode = code
  setTimeout(() => process.exit(code), LINGER_MS).unref()
}

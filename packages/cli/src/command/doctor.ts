/** `tandem doctor`: looks at the machine, the settings and the data, and says what to do. Exit code 1 when something fails. */
import { type Command, Option } from 'commander'
import { EXIT } from '../failure.ts'
import { loadServer } from '../load.ts'
import { clean, printJson } from '../output.ts'

/** The settings that operators most often look at before they write them down. */
interface Flags {
  readonly json?: boolean
  readonly dataFolder?: string
  readonly config?: string
}

const SIGN = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const

/** Adds the command. `ended` takes the exit code. */
export function addDoctor(program: Command, ended: (code: number) => void): void {
  program
    .command('doctor')
    .description(
      'look at ports, addresses, disk, clock, rights, database and certificate, and say what to do',
    )
    .option('--json', 'print JSON')
    .addOption(new Option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)'))
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(async (flags: Flags) => ended(await doctor(flags)))
}

async function doctor({ json, dataFolder, config }: Flags): Promise<number> {
  const { examine } = await loadServer()
  const checks = await examine({ flags: { dataFolder, config }, env: process.env })
  const count = (level: string): number => checks.filter((check) => check.level === level).length
  const failed = count('fail')
  if (json === true) printJson({ ok: failed === 0, checks })
  else {
    for (const { what, level, found, remedy } of checks) {
      console.log(clean(`${SIGN[level]}  ${what}: ${found}`))
      if (remedy !== undefined) console.log(clean(`      ${remedy}`))
    }
    console.log(`${count('ok')} ok, ${count('warn')} warnings, ${failed} failures`)
  }
  return failed === 0 ? EXIT.done : EXIT.failed
}

/**
 * `tandem serve`: the server with everything embedded. Its flags are the server's table of settings, which is loaded only
 * when this command is asked for.
 */
import { type Command, Option } from 'commander'
import { loadServer } from '../load.ts'

/** Adds the command; with its flags when `args` ask for it. `ended` takes the exit code of the server. */
export async function addServe(
  program: Command,
  args: readonly string[],
  ended: (code: number) => void,
): Promise<void> {
  const command = program
    .command('serve')
    .description(
      'start the server; SIGTERM and Ctrl-C let calls end, SIGHUP applies the directory file again',
    )
  if (!asksFor('serve', args)) return
  const { flagOf, serve, SETTINGS, variableOf } = await loadServer()
  command.option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
  for (const { name, type, meaning } of SETTINGS) {
    if (type.kind === 'secret') continue // A secret on the command line is read by everybody on the machine.
    const fallback = Array.isArray(type.default) ? type.default.join(',') : String(type.default)
    const unit = 'unit' in type && type.unit !== undefined ? ` ${type.unit}` : ''
    const help = `${meaning} (default: ${fallback === '' ? 'none' : `${fallback}${unit}`}; ${variableOf(name)})`
    command.addOption(new Option(`${flagOf(name)} <VALUE>`, help))
  }
  command.action(async (flags: Readonly<Record<string, string>>) =>
    ended(await serve({ flags, env: process.env })),
  )
}

/** Whether this command line runs the command or asks for its help. */
function asksFor(name: string, args: readonly string[]): boolean {
  const words = args.filter((arg) => !arg.startsWith('-'))
  return words[0] === name || (words[0] === 'help' && words[1] === name)
}

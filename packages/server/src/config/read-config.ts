/**
 * Reads the configuration once, at start: flags before environment before file before default. An unknown name or a bad
 * value is one sentence that names the setting and where it was found; a secret's value is never repeated.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Secret } from '@tandem/base'
import { StartFailure } from '../start-failure.ts'
import { isNetwork } from '../webhooks/address-guard.ts'
import { parseListen } from './listen.ts'
import { type Config, flagOf, SETTINGS, type Setting, variableOf } from './settings.ts'

/** Variables of ours that are no settings. */
const OTHER_VARIABLES: readonly string[] = ['TANDEM_CONFIG', 'TANDEM_TOKEN', 'TANDEM_URL']
/** Most bytes of a configuration file: far above any sensible one. */
const FILE_BYTES_MAX = 1_048_576

/** Where the configuration may come from. */
export interface ConfigSources {
  /** Values of flags by setting name, as text; `config` names the file. Absent flags are absent or undefined. */
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly env?: Readonly<Record<string, string | undefined>>
}

interface Found {
  readonly value: unknown
  /** For the error: `--http-port`, `TANDEM_HTTP_PORT`, `httpPort in tandem.yaml`. */
  readonly where: string
}

/** The configuration, complete and checked. Throws `StartFailure`. */
export function readConfig(sources: ConfigSources = {}): Config {
  const flags = sources.flags ?? {}
  const env = sources.env ?? {}
  const file = readFile(flags['config'] ?? env['TANDEM_CONFIG'])
  refuseUnknown(flags, env, file)
  const values = SETTINGS.map((setting) => {
    const found = find(setting, flags, env, file)
    return [setting.name, found === undefined ? fallback(setting) : convert(setting, found)] as const
  })
  const config = Object.fromEntries(values) as unknown as Config // The table has a row for each member; a test holds it.
  checkTogether(config)
  return config
}

interface ConfigFile {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

function readFile(name: string | undefined): ConfigFile | undefined {
  if (name === undefined || name === '') return undefined
  const text = readText(name, 'The configuration file')
  // Loaded only when there is a file: an idle server without one carries 8 MB less.
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml') // The package of that very name.
  let values: unknown
  try {
    values = parse(text) ?? {}
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new StartFailure(`The configuration file ${name} is not valid YAML: ${first?.replace(/:$/, '')}.`)
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new StartFailure(`The configuration file ${name} must hold settings as "name: value" lines.`)
  return { name, values: values as Record<string, unknown> }
}

function readText(name: string, what: string): string {
  try {
    const bytes = readFileSync(name)
    if (bytes.length > FILE_BYTES_MAX)
      throw new StartFailure(`${what} ${name} is larger than 1 MiB: is it the right file?`)
    return bytes.toString('utf8')
  } catch (error) {
    if (error instanceof StartFailure) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartFailure(`${what} ${name} cannot be read (${code}): check its name and its rights.`)
  }
}

function refuseUnknown(
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
  file: ConfigFile | undefined,
): void {
  const names = new Set<string>(SETTINGS.map((setting) => setting.name))
  for (const name of Object.keys(flags))
    if (name !== 'config' && !names.has(name)) throw new StartFailure(`There is no setting ${flagOf(name)}.`)
  for (const name of Object.keys(file?.values ?? {}))
    if (!names.has(name)) throw new StartFailure(`There is no setting ${name} (in ${file?.name}).`)
  const variables = new Set([...OTHER_VARIABLES, ...SETTINGS.flatMap(variablesOf)])
  for (const variable of Object.keys(env))
    if (variable.startsWith('TANDEM_') && !variables.has(variable))
      throw new StartFailure(`There is no setting for the environment variable ${variable}.`)
}

function variablesOf(setting: Setting): string[] {
  const variable = variableOf(setting.name)
  return setting.type.kind === 'secret' ? [variable, `${variable}_FILE`] : [variable]
}

function find(
  setting: Setting,
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
  file: ConfigFile | undefined,
): Found | undefined {
  const { name } = setting
  const variable = variableOf(name)
  if (flags[name] !== undefined) return { value: flags[name], where: flagOf(name) }
  if (env[variable] !== undefined) return { value: env[variable], where: variable }
  const secretFile = setting.type.kind === 'secret' ? env[`${variable}_FILE`] : undefined
  if (secretFile !== undefined)
    return {
      value: readText(secretFile, `The file named by ${variable}_FILE,`).trim(),
      where: `${variable}_FILE`,
    }
  const value = file !== undefined && Object.hasOwn(file.values, name) ? file.values[name] : undefined
  return value === undefined || value === null ? undefined : { value, where: `${name} in ${file?.name}` }
}

function fallback(setting: Setting): unknown {
  return setting.type.kind === 'secret' ? undefined : setting.type.default
}

function convert(setting: Setting, found: Found): unknown {
  const { type } = setting
  const bad = (must: string): StartFailure => new StartFailure(`The setting ${found.where} must be ${must}.`)
  const text =
    typeof found.value === 'number' || typeof found.value === 'boolean' ? String(found.value) : found.value
  switch (type.kind) {
    case 'secret':
      if (typeof text !== 'string') throw bad('text')
      return text === '' ? undefined : new Secret(text)
    case 'text':
      if (typeof text !== 'string') throw bad('text')
      return text
    case 'list': {
      const items = typeof text === 'string' ? text.split(',').map((item) => item.trim()) : text
      if (
        !Array.isArray(items) ||
        items.length === 0 ||
        !items.every((item) => typeof item === 'string' && item !== '')
      )
        throw bad('a list of texts')
      return items
    }
    case 'choice':
      if (typeof text !== 'string' || !type.choices.includes(text))
        throw bad(`one of ${type.choices.join(', ')}`)
      return text
    case 'integer': {
      const value = typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      if (!(value >= type.min && value <= type.max))
        throw bad(
          `a whole number from ${type.min} to ${type.max}${type.unit === undefined ? '' : ` (${type.unit})`}`,
        )
      return value
    }
  }
}

/** What no single setting can know. */
function checkTogether(config: Config): void {
  if (config.mediaPortMax <= config.mediaPortMin)
    throw new StartFailure('The setting mediaPortMax must be above mediaPortMin.')
  if (config.registerExpiresMaxSeconds < config.registerExpiresMinSeconds)
    throw new StartFailure(
      'The setting registerExpiresMaxSeconds must not be below registerExpiresMinSeconds.',
    )
  for (const address of config.sipListen)
    if (parseListen(address) === undefined)
      throw new StartFailure(
        'The setting sipListen must hold addresses such as udp:127.0.0.1:5060 or tcp:[::1]:5060.',
      )
  if ((config.tlsCertificateFile === '') !== (config.tlsKeyFile === ''))
    throw new StartFailure('The settings tlsCertificateFile and tlsKeyFile go together: give both or none.')
  if (config.otlpUrl !== '' && !/^https?:$/.test(URL.parse(config.otlpUrl)?.protocol ?? ''))
    throw new StartFailure('The setting otlpUrl must be an address such as http://127.0.0.1:4318/v1/traces.')
  if (!config.webhookAllowedNetworks.every(isNetwork))
    throw new StartFailure('The setting webhookAllowedNetworks must hold networks such as 10.1.2.0/24.')
  if (config.publicUrl !== '' && !isOrigin(config.publicUrl))
    throw new StartFailure(
      'The setting publicUrl must be an origin such as https://pbx.example.com, without a path.',
    )
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  )
}

/**
 * Writes docs/settings.md from the table of settings. Run this file to bring the page up to date; a test compares the two.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flagOf, SETTINGS, type Setting, variableOf } from './settings.ts'

/** Where the page lives. */
export const PAGE: string = join(import.meta.dirname, '../../../../docs/settings.md')

/** The whole page as Markdown. */
export function settingsPage(): string {
  return `# Settings

Each setting can be given as a flag, as an environment variable, or in a YAML file named by \`--config\` or
\`TANDEM_CONFIG\`. A flag wins over the environment, the environment over the file, the file over the default. An unknown
setting or a bad value stops the start with one sentence that names it.

${SETTINGS.map(section).join('\n')}
This page is written from packages/server/src/config/settings.ts: \`node packages/server/src/config/settings-page.ts\`.
`
}

function section(setting: Setting): string {
  const secret = setting.type.kind === 'secret'
  const variable = variableOf(setting.name)
  return `## ${setting.name}

${setting.meaning}

- ${describe(setting)}
- \`${flagOf(setting.name)}\`, \`${variable}\`${secret ? `, \`${variable}_FILE\` (a file that holds it)` : ''}
`
}

function describe(setting: Setting): string {
  const { type } = setting
  switch (type.kind) {
    case 'secret':
      return 'Secret text, no default; better given by file than by flag.'
    case 'text':
      return `Text, default ${type.default === '' ? 'empty' : `\`${type.default}\``}.`
    case 'list':
      return `List (in flags and variables with commas), default \`${type.default.join(',')}\`.`
    case 'choice':
      return `One of ${type.choices.map((choice) => `\`${choice}\``).join(', ')}; default \`${type.default}\`.`
    case 'integer':
      return `Whole number${type.unit === undefined ? '' : ` of ${type.unit}`}, ${type.min} to ${type.max}, default ${type.default}.`
  }
}

if (import.meta.main) writeFileSync(PAGE, settingsPage())

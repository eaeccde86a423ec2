/**
 * What the build refuses, found by reading the tree: a forbidden import, a clock or a dice in a sans-IO package, an
 * orphaned file, marks left behind, a package without a README. Each offence says where it is and what to do.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { LAYERS, SANS_IO } from './layers.ts'

/** One thing to mend. */
export interface Offence {
  readonly file: string
  readonly line?: number
  readonly offence: string
  readonly remedy: string
}

/** A source file as tidy sees it. */
export interface Source {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

const PACKAGE_FILE = /^packages\/([a-z-]+)\/src\//
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+|new URL\(\s*)'([^']+)'/g
const TEST = /\.test\.ts$/
/** What tests may lean on beside their package's own layers. */
const TEST_PACKAGES = ['testing']
/** Assembled here so that this file does not name what it forbids. */
const MARKS: readonly RegExp[] = [
  new RegExp(`\\b(?:${['TO', 'FIX'].map((head) => `${head}${head === 'TO' ? 'DO' : 'ME'}`).join('|')})\\b`),
  /\.only\(/,
  /^\s*debugger\b/,
]
const BARE_SKIP = /\b(?:it|test|describe)\.skip\(|\bskip:\s*true\b/

/** Every tracked or new source file of the repository at `root`. */
export function readSources(root: string): Source[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'],
    { cwd: root, encoding: 'utf8' },
  )
  return listed
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Everything that is wrong with these sources. */
export function offencesIn(sources: readonly Source[]): Offence[] {
  return [
    ...sources.flatMap(importOffences),
    ...sources.flatMap(sansIoOffences),
    ...sources.flatMap(markOffences),
    ...orphans(sources),
  ]
}

/** Offences in the packages' manifests, TypeScript references and READMEs. */
export function packageOffences(root: string): Offence[] {
  const offences: Offence[] = []
  for (const [name, layers] of Object.entries(LAYERS)) {
    const folder = `packages/${name}`
    if (!existsSync(join(root, folder, 'README.md'))) {
      offences.push({
        file: `${folder}/README.md`,
        offence: 'the package has no README',
        remedy: 'write twenty lines: what it does, what it refuses, who may import it, an example',
      })
    }
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
    }
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const workspace = /^@tandem\/(.+)$/.exec(dependency)?.[1]
      if (workspace !== undefined && !layers.includes(workspace)) {
        offences.push({
          file: `${folder}/package.json`,
          offence: `depends on @tandem/${workspace}, which the layer table forbids`,
          remedy: 'remove it, or change tools/layers.ts by a decision',
        })
      }
    }
    const config = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8')) as {
      references?: { path: string }[]
    }
    const references = (config.references ?? []).map((reference) => reference.path.replace('../', ''))
    if (references.toSorted().join() !== [...layers].toSorted().join()) {
      offences.push({
        file: `${folder}/tsconfig.json`,
        offence: `references ${references.join(', ') || 'nothing'}, the layer table says ${layers.join(', ') || 'nothing'}`,
        remedy: 'make the references equal to tools/layers.ts',
      })
    }
  }
  return offences
}

/** The module names that a source imports, each with its line number. */
export function importsOf(source: Source): { name: string; line: number }[] {
  return [...source.text.matchAll(IMPORT)]
    .filter((match) => !insideComment(source.text, match.index))
    .map((match) => ({ name: match[1] ?? '', line: source.text.slice(0, match.index).split('\n').length }))
}

function insideComment(text: string, index: number): boolean {
  const start = text.lastIndexOf('\n', index) + 1
  return /^\s*(?:\/\/|\*|\/\*)/.test(text.slice(start, index))
}

function importOffences(source: Source): Offence[] {
  const owner = PACKAGE_FILE.exec(source.path)?.[1]
  if (owner === undefined) return []
  const allowed = [...(LAYERS[owner] ?? []), ...(TEST.test(source.path) ? [...TEST_PACKAGES, owner] : [])]
  const offences: Offence[] = []
  for (const { name, line } of importsOf(source)) {
    const target = /^@tandem\/([a-z-]+)/.exec(name)?.[1]
    if (target !== undefined && !allowed.includes(target)) {
      offences.push({
        file: source.path,
        line,
        offence: `${owner} may not import @tandem/${target}`,
        remedy: `lean on ${allowed.join(', ') || 'nothing'} only (tools/layers.ts), or hand the value in as a parameter`,
      })
    }
    if (target !== undefined && name !== `@tandem/${target}`) {
      offences.push({
        file: source.path,
        line,
        offence: `imports the inside of a package: ${name}`,
        remedy: `export it from packages/${target}/src/index.ts`,
      })
    }
    if (
      name.startsWith('.') &&
      !normalize(join(dirname(source.path), name)).startsWith(`packages/${owner}/`)
    ) {
      offences.push({
        file: source.path,
        line,
        offence: `reaches out of its package: ${name}`,
        remedy: 'import the other package by its name',
      })
    }
  }
  return offences
}

function sansIoOffences(source: Source): Offence[] {
  const owner = PACKAGE_FILE.exec(source.path)?.[1]
  if (owner === undefined || !SANS_IO.includes(owner) || TEST.test(source.path)) return []
  const offences: Offence[] = []
  source.text.split('\n').forEach((text, index) => {
    if (/^\s*(?:\/\/|\*|\/\*)/.test(text)) return
    const banned = /\b(?:Date\.now|Math\.random|new Date\(\))/.exec(text)?.[0]
    if (banned !== undefined)
      offences.push({
        file: source.path,
        line: index + 1,
        offence: `${banned} in a package without I/O`,
        remedy: 'take the time or the randomness as an input',
      })
    const node = /'(node:[a-z/]+)'/.exec(text)?.[1]
    if (node !== undefined)
      offences.push({
        file: source.path,
        line: index + 1,
        offence: `${node} in a package without I/O`,
        remedy: 'take what it does as an interface, and implement it in io',
      })
  })
  return offences
}

function markOffences(source: Source): Offence[] {
  if (source.path.startsWith('tools/tidy')) return []
  const offences: Offence[] = []
  source.text.split('\n').forEach((text, index) => {
    const mark = MARKS.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined)
    if (mark !== undefined)
      offences.push({
        file: source.path,
        line: index + 1,
        offence: `${mark.trim()} left in the code`,
        remedy: 'finish it, or file an issue and remove the mark',
      })
    if (BARE_SKIP.test(text))
      offences.push({
        file: source.path,
        line: index + 1,
        offence: 'a test is skipped without a reason',
        remedy: "give the reason as a text: { skip: 'lame is not installed' }",
      })
  })
  return offences
}

/** Files of a package that nothing imports and that nothing starts. */
function orphans(sources: readonly Source[]): Offence[] {
  const used = new Set<string>()
  for (const source of sources) {
    for (const { name } of importsOf(source)) {
      if (name.startsWith('.')) used.add(normalize(join(dirname(source.path), name)))
    }
  }
  return sources
    .filter(
      ({ path }) =>
        PACKAGE_FILE.test(path) &&
        !TEST.test(path) &&
        !/\/src\/(?:index|main)\.ts$/.test(path) &&
        !used.has(path),
    )
    .map(({ path }) => ({ file: path, offence: 'nothing imports this file', remedy: 'use it or remove it' }))
}

/** An offence as one line for people. */
export function describeOffence({ file, line, offence, remedy }: Offence): string {
  return `${relative('.', file)}${line === undefined ? '' : `:${line}`}: ${offence}; ${remedy}`
}

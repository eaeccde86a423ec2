/**
 * Which files an import takes: those that are named, and all of a folder but hidden ones and those that lie beside media
 * (docs/guides/import.md). What a file is is judged by the server, by its bytes.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'

/** A file with media. */
export interface MediaFile {
  readonly path: string
  /** What people know it by: its path below the folder that was named. */
  readonly name: string
}

/** What was found. */
export interface Found {
  readonly media: readonly MediaFile[]
  /** What lies beside no media, or cannot be looked at, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[]
}

/** Files beside media: what is known of it, and what was said in it. */
const BESIDE: ReadonlySet<string> = new Set(['.json', '.vtt', '.txt'])

/** Looks at the paths; a path that is not there is passed over, with the reason. */
export async function foundFiles(paths: readonly string[]): Promise<Found> {
  const media = new Map<string, MediaFile>()
  const beside: MediaFile[] = []
  const passedOver: { name: string; why: string }[] = []
  for (const path of paths) {
    try {
      const facts = await stat(path)
      if (!facts.isDirectory()) {
        media.set(path, { path, name: basename(path) })
        continue
      }
      for await (const file of filesBelow(path))
        if (BESIDE.has(extname(file).toLowerCase())) beside.push({ path: file, name: relative(path, file) })
        else media.set(file, { path: file, name: relative(path, file) })
    } catch (error) {
      passedOver.push({ name: path, why: `cannot be read: ${whyOf(error)}` })
    }
  }
  const known = new Set([...media.keys()].map(stem))
  // A text of its own says nothing about recordings.
  for (const { path, name } of beside)
    if (extname(path).toLowerCase() !== '.txt' && !known.has(stem(path)))
      passedOver.push({ name, why: 'there is no media of this name beside it' })
  return { media: [...media.values()], passedOver }
}

/** The path without what follows the last dot: what media and the files beside it have in common. */
export function stem(path: string): string {
  return join(dirname(path), basename(path, extname(path)))
}

/** What went wrong with a file, without its path, which is told anyway. */
export function whyOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'it is not there',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
    EISDIR: 'it is a folder',
  }
  return (
    (code === undefined ? undefined : known[code]) ?? (error instanceof Error ? error.message : String(error))
  )
}

/** Files of a folder and of all folders in it, by name. Links to folders are not followed: they may lead in circles. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkedFile(path)))) yield path
  }
}

async function isLinkedFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => true, // A link to nothing is named as a file that cannot be read.
  )
}

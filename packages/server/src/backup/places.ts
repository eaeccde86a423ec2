/** Whether folders lie in one another: what is to be kept apart must not. */
import { realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/** Whether one of two folders is the other, or lies in it, links followed as far as they exist. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [`${real(one)}${sep}`, `${real(other)}${sep}`]
  return a.startsWith(b) || b.startsWith(a)
}

function real(path: string): string {
  const whole = resolve(path)
  try {
    return realpathSync(whole)
  } catch {
    const parent = dirname(whole) // It is not there yet: its nearest parent that is decides.
    return parent === whole ? whole : join(real(parent), whole.slice(parent.length).replace(sep, ''))
  }
}

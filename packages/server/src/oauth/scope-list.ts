/** Lists of scopes as OAuth writes them: names with single spaces between (RFC 6749 §3.3). */
import { isScope, type Scope } from '@tandem/contract'

/** Longest list; all scopes together have under 1,200 characters. */
export const SCOPE_CHARS_MAX = 4_000

/** Reads a list, each name once; `undefined` when it is empty or names a scope that there is not. */
export function readScopes(text: string): readonly Scope[] | undefined {
  if (text.length > SCOPE_CHARS_MAX) return undefined
  const names = [...new Set(text.split(' ').filter((name) => name !== ''))]
  return names.length > 0 && names.every(isScope) ? names : undefined
}

/** Reads what a row keeps. */
export function storedScopes(json: string): readonly Scope[] {
  return (JSON.parse(json) as string[]).filter(isScope) // Written by this folder; a scope may have been retired.
}

/** Who may give away what: nobody a scope that they do not effectively hold, and no application anything at all. */
import { type Caller, type Role, SCOPES, type Scope } from '@tandem/contract'
import { readScopes } from '../../oauth/scope-list.ts'
import { Failure, invalid } from '../failure.ts'

/**
 * Whether the caller effectively holds a scope. The scope of everything counts for what an administrator's role carries too,
 * also where no person uses it (group recordings); compliance scopes must be held by name.
 */
export function holds(caller: Caller, scope: Scope): boolean {
  if (caller.scopes.has(scope)) return true
  if (!caller.scopes.has('spark:all')) return false
  const role: Role = SCOPES[scope]
  return role === 'user' || (role === 'admin' && caller.scopes.has('tandem-admin:access_write'))
}

/** Throws unless the caller holds all of them. */
export function mustHold(caller: Caller, scopes: readonly Scope[]): void {
  const lacking = scopes.find((scope) => !holds(caller, scope))
  if (lacking !== undefined)
    throw new Failure('scope_forbidden', `The caller does not hold ${lacking}, and so cannot give it away`)
}

/** Throws for what acts for somebody else: only a person's own token makes tokens and passwords. */
export function mustBeOwnToken(caller: Caller): void {
  if (caller.isApp === true || caller.clientId !== undefined)
    throw new Failure('scope_forbidden', 'The token of an application cannot make tokens or passwords')
}

/** Reads a list of scopes of a body; a 400 that names the unknown one. */
export function scopesOf(names: readonly string[], field = 'scopes'): readonly Scope[] {
  if (names.length === 0) throw invalid(field, 'must name at least one scope')
  const scopes = names.every((name) => /^[\w:-]{1,100}$/.test(name)) ? readScopes(names.join(' ')) : undefined
  if (scopes !== undefined) return scopes
  const unknown = names.find((name) => readScopes(name) === undefined || /\s/.test(name)) ?? ''
  throw invalid(field, `names no scope of this server: ${unknown.replace(/[^\w:-]/g, '?').slice(0, 80)}`)
}

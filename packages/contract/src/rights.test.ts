import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Caller, decide, grantsOf, RIGHTS, type TokenOperationId } from './rights.ts'
import type { Route } from './routes/route.ts'
import { ROUTES } from './routes.ts'
import { effectiveScopes, type Role, SCOPES, type Scope } from './scopes.ts'

const caller = (scopes: readonly string[], roles: readonly Role[] = ['user']): Caller => ({
  orgId: 'org',
  personId: 'me',
  scopes: effectiveScopes(scopes, roles),
})
const details = 'getConvergedRecordingDetails'
const mine = { orgId: 'org', ownerId: 'me', status: 'available' } as const
const others = { orgId: 'org', ownerId: 'other', status: 'available' } as const
const foreign = { orgId: 'elsewhere', ownerId: 'me', status: 'available' } as const
const all: readonly Role[] = ['user', 'admin', 'complianceOfficer']

describe('the rights table', () => {
  it('has a row for every route that a token opens, and no other', () => {
    const routes = Object.entries(ROUTES as Record<string, Route>)
    const opened = routes.filter(([, route]) => route.access === 'token').map(([id]) => id)
    assert.deepEqual(Object.keys(RIGHTS).toSorted(), opened.toSorted())
  })

  it('grants each scope only in the role that the scope belongs to', () => {
    for (const grants of Object.values(RIGHTS))
      for (const grant of grants) assert.equal(SCOPES[grant.scope], grant.as)
  })

  it('gives organisation-wide reach to no user scope, but for the names of colleagues', () => {
    for (const [operation, grants] of Object.entries(RIGHTS)) {
      const isNames = /^(list|get)(People|Person|Organizations?)$/.test(operation)
      for (const grant of grants)
        assert.equal(grant.reach, grant.as === 'user' && !isNames ? 'own' : 'organization', operation)
    }
  })

  it('reads by a read scope and changes by a write scope (contract README §3)', () => {
    for (const [operation, grants] of Object.entries(RIGHTS) as [
      TokenOperationId,
      typeof RIGHTS.listCalls,
    ][]) {
      const [read, write] = [/_read$/, /_write$/]
      const reads = ROUTES[operation].method === 'GET'
      for (const { scope } of grants) {
        const known = scope === 'spark-admin:people_write' && operation.endsWith('CallRecording') // wxc_sdk names it.
        const other = scope === 'spark-admin:people_write' && operation.endsWith('CallRecordings')
        // Whoever may read what is watched may have a webhook on it (webhooks §2).
        const watches = /Webhook$/.test(operation) && read.test(scope)
        assert.ok((reads ? read : write).test(scope) || known || other || watches, `${operation} by ${scope}`)
      }
    }
  })

  it('gives the paths by member to administrators alone, and those of the caller to users alone (§8)', () => {
    for (const [operation, grants] of Object.entries(RIGHTS) as [
      TokenOperationId,
      typeof RIGHTS.listCalls,
    ][]) {
      const { path } = ROUTES[operation]
      if (path.includes('/members/{memberId}'))
        assert.ok(
          grants.every(({ as }) => as === 'admin'),
          operation,
        )
      if (path.includes('/me/'))
        assert.ok(
          grants.every(({ as }) => as === 'user'),
          operation,
        )
      if (/^\/v1\/telephony\/(calls|conference)(?!\/members\/\{)/.test(path))
        assert.ok(
          grants.every(({ as, reach }) => as === 'user' && reach === 'own'),
          operation,
        )
    }
  })

  it('opens nothing but the own person to a token without scopes', () => {
    for (const operation of Object.keys(RIGHTS) as TokenOperationId[])
      assert.equal(grantsOf(operation, caller([])).length > 0, operation === 'getMyPerson', operation)
  })

  it('never reaches into another organisation, with every scope and role', () => {
    const everything = caller(Object.keys(SCOPES), all)
    for (const operation of Object.keys(RIGHTS) as TokenOperationId[])
      assert.equal(decide(operation, everything, foreign).kind, 'hidden', operation)
  })
})

describe('decide', () => {
  it('lets a user see the own recordings with links, and hides others (Ruling 24)', () => {
    const user = caller(['spark:recordings_read'])
    assert.deepEqual(decide(details, user, mine), { kind: 'allowed', as: 'user', links: true })
    assert.deepEqual(decide(details, user, others), { kind: 'hidden' })
    assert.deepEqual(decide(details, user, { ...mine, status: 'purged' }), { kind: 'hidden' })
  })

  it('lets an administrator see all without links, and the own with links if the user scope is held (§3.1)', () => {
    const admin = caller(['spark-admin:recordings_read'], ['user', 'admin'])
    assert.deepEqual(decide(details, admin, others), { kind: 'allowed', as: 'admin', links: false })
    assert.deepEqual(decide(details, admin, mine), { kind: 'allowed', as: 'admin', links: false })
    const both = caller(['spark-admin:recordings_read', 'spark:recordings_read'], ['user', 'admin'])
    assert.deepEqual(decide(details, both, mine), { kind: 'allowed', as: 'admin', links: true })
    assert.deepEqual(decide(details, both, others), { kind: 'allowed', as: 'admin', links: false })
  })

  it('lets a compliance officer see purged recordings too, with links (converged-recordings §10)', () => {
    const officer = caller(['spark-compliance:recordings_read'], ['complianceOfficer'])
    const purged = { ...others, status: 'purged' } as const
    assert.deepEqual(decide(details, officer, purged), {
      kind: 'allowed',
      as: 'complianceOfficer',
      links: true,
    })
  })

  it('honours an administrator’s or compliance scope only with the role (auth §5)', () => {
    const pretender = caller(['spark-admin:recordings_read', 'spark-compliance:recordings_read'])
    assert.deepEqual(decide(details, pretender, mine), { kind: 'scopeMissing' })
  })
})

describe('effectiveScopes', () => {
  it('lets spark:all imply the user scopes, and for an administrator the administrator’s (README §3)', () => {
    const user = effectiveScopes(['spark:all'], ['user'])
    assert.ok(user.has('spark:calls_write') && user.has('meeting:recordings_read'))
    assert.ok([...user].every((scope: Scope) => SCOPES[scope] === 'user'))
    const admin = effectiveScopes(['spark:all'], ['user', 'admin'])
    assert.ok(admin.has('spark-admin:recordings_read'))
    assert.ok(!effectiveScopes(['spark:all'], all).has('spark-compliance:recordings_read'))
  })

  it('drops what is no scope', () => {
    assert.deepEqual([...effectiveScopes(['__proto__', 'toString', 'spark:everything'], all)], [])
  })
})

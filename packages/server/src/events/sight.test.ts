import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scope } from '@tandem/contract'
import { readScopesOf, roleFor, type SeenEvent, sees, type Viewer, WEBHOOK_RESOURCES } from './sight.ts'

const OWN: Viewer = { orgId: 'o', personId: 'p', ownedBy: 'creator', as: 'user' }
const ADMIN: Viewer = { orgId: 'o', personId: 'a', ownedBy: 'org', as: 'admin' }
const OFFICER: Viewer = { orgId: 'o', personId: 'c', ownedBy: 'org', as: 'complianceOfficer' }

const CALL: SeenEvent = {
  orgId: 'o',
  resource: 'telephony_calls',
  event: 'created',
  personId: 'p',
  payload: {},
}
const RECORDING: SeenEvent = { ...CALL, resource: 'convergedRecordings', payload: { status: 'available' } }
const PURGED: SeenEvent = { ...RECORDING, event: 'updated', payload: { status: 'purged' } }

const rows: readonly (readonly [string, Viewer, SeenEvent, boolean])[] = [
  ['their own call', OWN, CALL, true],
  ['a colleague’s call', OWN, { ...CALL, personId: 'q' }, false],
  [
    'a call without a person',
    OWN,
    { orgId: 'o', resource: CALL.resource, event: 'created', payload: {} },
    false,
  ],
  ['a namesake’s call in another organisation', OWN, { ...CALL, orgId: 'x' }, false],
  ['their own recording', OWN, RECORDING, true],
  ['that it was purged', OWN, { ...PURGED, event: 'deleted' }, true],
  ['a change of what was purged', OWN, PURGED, false],
  ['that it was erased', OWN, { ...RECORDING, event: 'deleted', payload: { id: 'r' } }, true],
  ['a payload that is blanked', OWN, { ...RECORDING, payload: { id: 'r' } }, true],
  ['alarms as a person', OWN, { ...CALL, resource: 'tandem_alarms' }, false],
  ['something nobody registered for', OWN, { ...CALL, resource: 'mailbox' }, false],
  ['everybody’s calls as administrator', ADMIN, CALL, true],
  ['everybody’s recordings as administrator', ADMIN, RECORDING, true],
  ['those of another organisation', ADMIN, { ...RECORDING, orgId: 'x' }, false],
  ['what was purged as administrator', ADMIN, PURGED, false],
  ['alarms of the organisation', ADMIN, { ...CALL, resource: 'tandem_alarms' }, true],
  ['alarms of the whole system', ADMIN, { ...CALL, orgId: '', resource: 'tandem_alarms' }, true],
  ['alarms of another organisation', ADMIN, { ...CALL, orgId: 'x', resource: 'tandem_alarms' }, false],
  ['everybody’s recordings as officer', OFFICER, RECORDING, true],
  ['what was purged as officer', OFFICER, PURGED, true],
  ['alarms as officer', OFFICER, { ...CALL, orgId: '', resource: 'tandem_alarms' }, false],
  ['calls of the system', OFFICER, { ...CALL, orgId: '' }, false],
  ['the organisation as a mere person', { ...ADMIN, as: 'user' }, CALL, false],
]

for (const [what, viewer, event, visible] of rows)
  test(`webhooks §2: a subscription ${visible ? 'sees' : 'does not see'} ${what}`, () => {
    assert.equal(sees(viewer, event), visible)
  })

test('webhooks §2: the read scope of the resource opens a subscription, and says in which role', () => {
  const role = (scope: Scope, resource: (typeof WEBHOOK_RESOURCES)[number], ownedBy: 'creator' | 'org') =>
    roleFor(new Set([scope]), resource, ownedBy)
  assert.equal(role('spark:calls_read', 'telephony_calls', 'creator'), 'user')
  assert.equal(role('spark:calls_read', 'telephony_conference', 'creator'), 'user')
  assert.equal(role('spark:calls_read', 'telephony_calls', 'org'), undefined)
  assert.equal(role('spark-admin:calls_read', 'telephony_calls', 'org'), 'admin')
  assert.equal(role('spark-admin:calls_read', 'telephony_calls', 'creator'), undefined)
  assert.equal(role('spark-admin:calls_read', 'telephony_conference', 'org'), undefined)
  assert.equal(role('spark:recordings_read', 'convergedRecordings', 'creator'), 'user')
  assert.equal(role('spark-admin:recordings_read', 'convergedRecordings', 'creator'), undefined)
  assert.equal(role('spark-admin:recordings_read', 'convergedRecordings', 'org'), 'admin')
  assert.equal(role('spark-compliance:recordings_read', 'convergedRecordings', 'org'), 'complianceOfficer')
  assert.equal(role('meeting:recordings_read', 'convergedRecordings', 'creator'), undefined)
  assert.equal(role('meeting:recordings_read', 'recordings', 'creator'), 'user')
  assert.equal(role('meeting:recordings_read', 'recordings', 'org'), undefined)
  assert.equal(role('spark-compliance:meetings_read', 'recordings', 'org'), 'complianceOfficer')
  for (const resource of WEBHOOK_RESOURCES)
    for (const ownedBy of ['creator', 'org'] as const)
      for (const scope of ['spark:webhooks_read', 'spark:kms', 'spark:people_read'] as const)
        assert.equal(role(scope, resource, ownedBy), undefined)
})

test('the widest role wins, so that an officer who is an administrator too goes on seeing what was purged', () => {
  const both = new Set<Scope>(['spark-admin:recordings_read', 'spark-compliance:recordings_read'])
  assert.equal(roleFor(both, 'convergedRecordings', 'org'), 'complianceOfficer')
  assert.deepEqual(readScopesOf('telephony_conference', 'org'), [])
})

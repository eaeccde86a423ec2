/**
 * How long recordings are kept, by organisation, location and owner (promise P16): everybody who cares for recordings
 * reads it, compliance officers set it. What a recording was promised never becomes less, whatever is set or removed.
 */
import { printMilliseconds, type RetentionPolicy as WirePolicy } from '@tandem/contract'
import type { RetentionPolicy } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { acting, noted } from './acting.ts'
import { checkKnown, scopedId } from './retention-scope.ts'

const read = bodyReader('RetentionPolicyRequest')

/** `GET /tandem/v1/retention`. */
export const listRetentionPolicies: Operation = {
  id: 'listRetentionPolicies',
  answer: 'RetentionPolicyList',
  async run(request, services) {
    const { retention, audit } = services.recordings
    const policies = await retention.list(request.caller.orgId)
    audit.addSoon({
      actor: acting(request, 'listRetentionPolicies'),
      action: 'retention.listed',
      detail: { count: policies.length },
    })
    return { body: { items: policies.map(policyOf) } }
  },
}

/** `PUT /tandem/v1/retention/{scope}/{scopeId}`. */
export const setRetentionPolicy: Operation = {
  id: 'setRetentionPolicy',
  answer: 'RetentionPolicySet',
  async run(request, services) {
    const { keepDays, eraseAtEnd = false } = await read(request.body)
    const actor = acting(request, 'setRetentionPolicy')
    return noted(services, { actor, operation: 'setRetentionPolicy' }, async () => {
      const scoped = scopedId(request)
      await checkKnown(services, actor.orgId, scoped)
      const set = await services.recordings.retention.set(actor, { ...scoped, keepDays, eraseAtEnd })
      return { body: { ...policyOf(set.policy), extended: set.extended } }
    })
  },
}

/** `DELETE /tandem/v1/retention/{scope}/{scopeId}`. */
export const deleteRetentionPolicy: Operation = {
  id: 'deleteRetentionPolicy',
  async run(request, services) {
    const actor = acting(request, 'deleteRetentionPolicy')
    return noted(services, { actor, operation: 'deleteRetentionPolicy' }, async () => {
      const { scope, scopeId } = scopedId(request)
      if (!(await services.recordings.retention.remove(actor, scope, scopeId)))
        throw new Failure('retention_not_found')
      return {}
    })
  },
}

function policyOf({ scope, scopeId, keepDays, eraseAtEnd, setBy, setAt }: RetentionPolicy): WirePolicy {
  return { scope, scopeId, keepDays, eraseAtEnd, setBy, set: printMilliseconds(setAt) }
}

/**
 * Loaded into a server by the test alone: a check that somebody forgot. Everybody who may read the own calls gets at the
 * audit log, and any token at all at the people of the organisation.
 */
import { type Grant, RIGHTS } from '@tandem/contract'

const rights = RIGHTS as Record<string, readonly Grant[]>
rights['listAudit'] = [{ as: 'user', scope: 'spark:calls_read', reach: 'organization' }]
rights['getPerson'] = [{ as: 'user', scope: 'spark:kms', reach: 'organization' }]

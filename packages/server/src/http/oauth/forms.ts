/** Which routes of this folder read a form. */
import type { OperationId } from '@tandem/contract'

/** Their operations. */
export const OAUTH_FORMS: readonly OperationId[] = [
  'decideAuthorization',
  'createAccessToken',
  'revokeAccessToken',
  'authorizeDevice',
  'createDeviceToken',
  'signIn',
  'signOut',
  'decideDevice',
  'completePassword',
]

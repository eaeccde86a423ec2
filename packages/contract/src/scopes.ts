/**
 * The scopes that a token may hold, and what is left of them for a person with certain roles (contract, auth §5;
 * README §3). An administrator's scope counts only for an administrator, a compliance scope only for a compliance
 * officer.
 */

/** What a person may be; everybody is a `user`. */
export const ROLES = ['user', 'admin', 'complianceOfficer'] as const
/** What a person may be, and as what a caller acts. */
export type Role = (typeof ROLES)[number]

/** Every scope with the role that makes it count. */
export const SCOPES = {
  'spark:all': 'user',
  'spark:calls_read': 'user',
  'spark:calls_write': 'user',
  'spark:people_read': 'user',
  'spark:recordings_read': 'user',
  'spark:recordings_write': 'user',
  'spark:telephony_config_read': 'user',
  'spark:telephony_config_write': 'user',
  'spark:webhooks_read': 'user',
  'spark:webhooks_write': 'user',
  'spark:kms': 'user',
  'meeting:recordings_read': 'user',
  'meeting:recordings_write': 'user',
  'meeting:admin_recordings_read': 'admin',
  'meeting:admin_recordings_write': 'admin',
  'meeting:group_meeting_read': 'admin',
  'spark-admin:calls_read': 'admin',
  'spark-admin:calls_write': 'admin',
  'spark-admin:locations_read': 'admin',
  'spark-admin:people_read': 'admin',
  'spark-admin:people_write': 'admin',
  'spark-admin:recordings_read': 'admin',
  'spark-admin:recordings_write': 'admin',
  'spark-admin:telephony_config_read': 'admin',
  'spark-admin:telephony_config_write': 'admin',
  'spark-admin:webhooks_read': 'admin',
  'spark-admin:webhooks_write': 'admin',
  'spark-compliance:meetings_read': 'complianceOfficer',
  'spark-compliance:meetings_write': 'complianceOfficer',
  'spark-compliance:recordings_read': 'complianceOfficer',
  'spark-compliance:recordings_write': 'complianceOfficer',
  'spark-compliance:webhooks_read': 'complianceOfficer',
  'spark-compliance:webhooks_write': 'complianceOfficer',
  'tandem:tokens_read': 'user',
  'tandem:tokens_write': 'user',
  'tandem-admin:access_read': 'admin',
  'tandem-admin:access_write': 'admin',
  'identity:people_read': 'user',
  'identity:people_rw': 'user',
} as const satisfies Record<string, Role>

/** The name of a scope. */
export type Scope = keyof typeof SCOPES

/** Whether a text names a scope. */
export function isScope(name: string): name is Scope {
  return Object.hasOwn(SCOPES, name)
}

/**
 * What a token can do in the hands of a person: its scopes, less those that the person's roles do not carry.
 * `spark:all` stands for every `spark:`, `meeting:` and `tandem:` scope of a user, and for an administrator for the
 * `spark-admin:` and `tandem-admin:` ones too; compliance scopes must be named one by one.
 */
export function effectiveScopes(granted: readonly string[], roles: readonly Role[]): ReadonlySet<Scope> {
  const effective = new Set<Scope>()
  for (const name of granted) if (isScope(name) && carries(roles, SCOPES[name])) effective.add(name)
  if (!effective.has('spark:all')) return effective
  for (const [name, role] of Object.entries(SCOPES) as [Scope, Role][]) {
    const implied =
      role === 'user' ? /^(spark|meeting|tandem):/.test(name) : /^(spark|tandem)-admin:/.test(name)
    if (implied && carries(roles, role)) effective.add(name)
  }
  return effective
}

function carries(roles: readonly Role[], role: Role): boolean {
  return role === 'user' || roles.includes(role)
}

/** What each scope lets an application do, in words for whoever is asked to consent. */
import type { Scope } from '@tandem/contract'

/** By scope; each is the end of "It may ...". */
export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  'spark:all': 'do everything that you may do yourself, except what only compliance officers may',
  'spark:calls_read': 'see your calls and your call history',
  'spark:calls_write': 'make, answer, move and end calls for you',
  'spark:people_read': 'see who you are, and the names and numbers of people in your organisation',
  'spark:recordings_read': 'see, play and download your call recordings',
  'spark:recordings_write': 'change and delete your call recordings',
  'spark:telephony_config_read': 'see your phone settings',
  'spark:telephony_config_write': 'change your phone settings',
  'spark:webhooks_read': 'see where your events are sent',
  'spark:webhooks_write': 'choose where your events are sent',
  'spark:kms': 'use encryption keys (has no effect here)',
  'meeting:recordings_read': 'see, play and download your meeting recordings',
  'meeting:recordings_write': 'change, share and delete your meeting recordings',
  'meeting:admin_recordings_read': 'see and download the meeting recordings of your organisation',
  'meeting:admin_recordings_write': 'change and delete the meeting recordings of your organisation',
  'meeting:group_meeting_read': 'see and download the meeting recordings of the people of your organisation',
  'spark-admin:calls_read': 'see the calls of everybody in your organisation',
  'spark-admin:calls_write': 'make, answer and end calls for everybody in your organisation',
  'spark-admin:locations_read': 'see the locations of your organisation',
  'spark-admin:people_read': 'see all that is known of the people of your organisation',
  'spark-admin:people_write': 'add, change and remove people of your organisation',
  'spark-admin:recordings_read': 'see a list of all call recordings of your organisation',
  'spark-admin:recordings_write': 'move, reassign and delete the call recordings of your organisation',
  'spark-admin:telephony_config_read': 'see the phone settings of your organisation',
  'spark-admin:telephony_config_write': 'change the phone settings of your organisation',
  'spark-admin:webhooks_read': 'see where the events of your organisation are sent',
  'spark-admin:webhooks_write': 'choose where the events of your organisation are sent',
  'spark-compliance:meetings_read':
    'see and download all meeting recordings of your organisation, also deleted ones',
  'spark-compliance:meetings_write': 'erase meeting recordings of your organisation for good',
  'spark-compliance:recordings_read':
    'see, play and download all recordings of your organisation, also deleted ones',
  'spark-compliance:recordings_write':
    'place legal holds, and erase recordings of your organisation for good',
  'spark-compliance:webhooks_read': 'see where the events of all recordings are sent',
  'spark-compliance:webhooks_write': 'choose where the events of all recordings are sent',
  'tandem:tokens_read': 'see which applications and tokens act for you',
  'tandem:tokens_write': 'revoke tokens that act for you',
  'tandem-admin:access_read': 'see the applications and tokens of your organisation',
  'tandem-admin:access_write': 'add and remove applications, and invite people of your organisation',
  'identity:people_read': 'see identities (has no effect here)',
  'identity:people_rw': 'change identities (has no effect here)',
}

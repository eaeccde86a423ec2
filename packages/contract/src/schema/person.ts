/** A person, as `GET /people/me` and the list of people show them (contract, auth §6). Booleans are booleans (Ruling 23). */
import Type, { type Static } from 'typebox'

/** A person of the directory. */
export const Person = Type.Object(
  {
    id: Type.String({ description: 'Webex id of type PEOPLE' }),
    emails: Type.Array(Type.String({ format: 'email' })),
    phoneNumbers: Type.Optional(
      Type.Array(
        Type.Object({ type: Type.String(), value: Type.String(), primary: Type.Optional(Type.Boolean()) }),
      ),
    ),
    extension: Type.Optional(Type.String()),
    locationId: Type.Optional(Type.String({ description: 'Webex id of type LOCATION' })),
    displayName: Type.String(),
    firstName: Type.String(),
    lastName: Type.String(),
    userName: Type.Optional(Type.String()),
    orgId: Type.String({ description: 'Webex id of type ORGANIZATION' }),
    roles: Type.Optional(Type.Array(Type.String({ description: 'Webex id of type ROLE' }))),
    created: Type.String({ format: 'date-time' }),
    lastModified: Type.Optional(Type.String({ format: 'date-time' })),
    timezone: Type.Optional(Type.String()),
    sipAddresses: Type.Optional(
      Type.Array(Type.Object({ type: Type.String(), value: Type.String(), primary: Type.Boolean() })),
    ),
    invitePending: Type.Boolean(),
    loginEnabled: Type.Boolean(),
    type: Type.Enum(['person', 'bot', 'appuser']),
  },
  { title: 'Person' },
)
/** A person of the directory. */
export type Person = Static<typeof Person>

/** A page of people. */
export const PersonList = Type.Object({ items: Type.Array(Person) }, { title: 'PersonList' })
/** A page of people. */
export type PersonList = Static<typeof PersonList>

/**
 * Signing in, clients and tokens on the wire: what the OAuth endpoints answer (contract, auth §3, §4) and our own operations on
 * clients and tokens. Our ids are raw UUIDs, times UTC with milliseconds.
 */
import Type, { type Static } from 'typebox'

const time = Type.String({ format: 'date-time' })
const scopes = Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 })
const name = Type.String({ minLength: 1, maxLength: 100 })
const redirectUris = Type.Array(Type.String({ minLength: 1, maxLength: 2_000 }), { maxItems: 20 })

/** Tokens as the OAuth endpoints give them out. */
export const OAuthTokens = Type.Object(
  {
    access_token: Type.String(),
    expires_in: Type.Integer({ description: 'Seconds' }),
    refresh_token: Type.String(),
    refresh_token_expires_in: Type.Integer({ description: 'Seconds; a use begins them anew' }),
    token_type: Type.Enum(['Bearer']),
    scope: Type.String(),
  },
  { title: 'OAuthTokens' },
)
/** Tokens as the OAuth endpoints give them out. */
export type OAuthTokens = Static<typeof OAuthTokens>

/** A token of a person or of a service app; its text is shown once, when it is made. */
export const AccessToken = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum(['operator', 'personal', 'integration', 'service']),
    name: Type.String(),
    personId: Type.Optional(Type.String({ description: 'Webex id; absent for a service app' })),
    clientId: Type.Optional(Type.String()),
    scopes: Type.Array(Type.String()),
    created: time,
    expires: Type.Optional(time),
  },
  { title: 'AccessToken' },
)
/** A token without its text. */
export type AccessToken = Static<typeof AccessToken>

/** Newest first. */
export const AccessTokenList = Type.Object({ items: Type.Array(AccessToken) }, { title: 'AccessTokenList' })

/** A token just made. */
export const CreatedAccessToken = Type.Object(
  { ...AccessToken.properties, token: Type.String({ description: 'Shown only here' }) },
  { title: 'CreatedAccessToken' },
)
/** A token just made. */
export type CreatedAccessToken = Static<typeof CreatedAccessToken>

/** A personal access token to be made. */
export const CreateTokenRequest = Type.Object(
  {
    name: Type.Optional(name),
    scopes: Type.Optional(scopes),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 43_200 })),
  },
  { title: 'CreateTokenRequest' },
)

/** An application that may ask for tokens. */
export const OAuthClient = Type.Object(
  {
    id: Type.String({ description: 'The client_id' }),
    name: Type.String(),
    kind: Type.Enum(['integration', 'service']),
    confidential: Type.Boolean({ description: 'Whether it has a secret' }),
    redirectUris: Type.Array(Type.String()),
    scopes: Type.Array(Type.String()),
    authorizedScopes: Type.Optional(
      Type.Array(Type.String(), { description: 'Of a service app that the organisation has authorized' }),
    ),
    created: time,
  },
  { title: 'OAuthClient' },
)
/** An application that may ask for tokens. */
export type OAuthClient = Static<typeof OAuthClient>

/** By name. */
export const OAuthClientList = Type.Object({ items: Type.Array(OAuthClient) }, { title: 'OAuthClientList' })

/** An application just registered, or with a new secret. */
export const CreatedOAuthClient = Type.Object(
  {
    ...OAuthClient.properties,
    secret: Type.Optional(Type.String({ description: 'Shown only here; absent for a public client' })),
  },
  { title: 'CreatedOAuthClient' },
)

/** An application to be registered. */
export const CreateClientRequest = Type.Object(
  {
    name,
    kind: Type.Optional(Type.Enum(['integration', 'service'])),
    confidential: Type.Optional(Type.Boolean()),
    redirectUris: Type.Optional(redirectUris),
    scopes,
  },
  { title: 'CreateClientRequest' },
)

/** What is to be changed of an application. */
export const UpdateClientRequest = Type.Object(
  {
    name: Type.Optional(name),
    redirectUris: Type.Optional(redirectUris),
    scopes: Type.Optional(scopes),
  },
  { title: 'UpdateClientRequest' },
)

/** The scopes that a service app is authorized for; all that it is registered with when absent. */
export const AuthorizeServiceAppRequest = Type.Object(
  { scopes: Type.Optional(scopes) },
  { title: 'AuthorizeServiceAppRequest' },
)

/** Asks for the tokens of a service app. */
export const ServiceAppTokenRequest = Type.Object(
  {
    clientSecret: Type.Optional(
      Type.String({ maxLength: 200, description: 'Needed unless the caller holds every scope of the app' }),
    ),
  },
  { title: 'ServiceAppTokenRequest' },
)

/** A password to be set by its person. */
export const SetPasswordRequest = Type.Object(
  {
    currentPassword: Type.Optional(
      Type.String({ maxLength: 1_000, description: 'Needed where there is one' }),
    ),
    newPassword: Type.String({ maxLength: 1_000 }),
  },
  { title: 'SetPasswordRequest' },
)

/** A one-time link with which a person sets a password. */
export const Invitation = Type.Object({ url: Type.String(), expires: time }, { title: 'Invitation' })

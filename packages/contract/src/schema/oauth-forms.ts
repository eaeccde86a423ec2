/**
 * What the OAuth endpoints take, as members of a form, and what they answer beside tokens (contract, auth §3, §4; RFC 6749,
 * RFC 7009, RFC 8628, RFC 8414). An empty member counts as absent; a client may name itself by HTTP Basic instead.
 */
import Type from 'typebox'
import { ID_CHARS_MAX } from './vocabulary.ts'

const text = (charsMax: number, description: string) =>
  Type.Optional(Type.String({ maxLength: charsMax, description }))

/** The longest secret, code or token is far shorter; longer ones are unknown. */
const SECRET_CHARS_MAX = 200
const URI_CHARS_MAX = 2_048
const SCOPE_CHARS_MAX = 4_096
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const client = {
  client_id: text(ID_CHARS_MAX, 'The application, unless it is named by HTTP Basic'),
  client_secret: text(SECRET_CHARS_MAX, 'Of an application that has one'),
}
const deviceCode = text(SECRET_CHARS_MAX, 'What the device was given')

/** Asks for tokens. */
export const CreateAccessTokenRequest = Type.Object(
  {
    grant_type: Type.Enum(['authorization_code', 'refresh_token', DEVICE_GRANT]),
    ...client,
    code: text(SECRET_CHARS_MAX, 'With authorization_code: what came back from the consent'),
    redirect_uri: text(URI_CHARS_MAX, 'With authorization_code: the one that was asked with'),
    code_verifier: text(128, 'With authorization_code: RFC 7636'),
    refresh_token: text(SECRET_CHARS_MAX, 'With refresh_token'),
    scope: text(SCOPE_CHARS_MAX, 'With refresh_token: scopes that were granted, for fewer of them'),
    device_code: deviceCode,
  },
  { title: 'CreateAccessTokenRequest' },
)

/** Revokes a token. */
export const RevokeAccessTokenRequest = Type.Object(
  {
    ...client,
    token: Type.String({ maxLength: SECRET_CHARS_MAX, description: 'An access or refresh token' }),
    token_type_hint: text(40, 'Is not needed'),
  },
  { title: 'RevokeAccessTokenRequest' },
)

/** A token is dead, or never lived. */
export const TokenRevoked = Type.Object({}, { title: 'TokenRevoked' })

/** Begins the sign-in of a device. */
export const AuthorizeDeviceRequest = Type.Object(
  { ...client, scope: text(SCOPE_CHARS_MAX, 'Scopes, with blanks between them; all of the application’s') },
  { title: 'AuthorizeDeviceRequest' },
)

/** What a device shows to its person, and asks with. */
export const DeviceAuthorization = Type.Object(
  {
    device_code: Type.String(),
    user_code: Type.String(),
    verification_uri: Type.String({ format: 'uri' }),
    verification_uri_complete: Type.String({ format: 'uri' }),
    expires_in: Type.Integer({ description: 'Seconds' }),
    interval: Type.Integer({ description: 'Seconds between two questions' }),
  },
  { title: 'DeviceAuthorization' },
)

/** Asks for the tokens of a device. */
export const CreateDeviceTokenRequest = Type.Object(
  { grant_type: Type.Enum([DEVICE_GRANT]), ...client, device_code: deviceCode },
  { title: 'CreateDeviceTokenRequest' },
)

const words = Type.Array(Type.String())
const address = Type.String({ format: 'uri' })

/** Where the endpoints are and what they offer. */
export const AuthorizationServer = Type.Object(
  {
    issuer: address,
    authorization_endpoint: address,
    token_endpoint: address,
    revocation_endpoint: address,
    device_authorization_endpoint: address,
    scopes_supported: words,
    response_types_supported: words,
    response_modes_supported: words,
    grant_types_supported: words,
    token_endpoint_auth_methods_supported: words,
    revocation_endpoint_auth_methods_supported: words,
    code_challenge_methods_supported: words,
  },
  { title: 'AuthorizationServer' },
)

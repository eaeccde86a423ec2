/**
 * The preferred answer endpoint on the wire (contract, call-controls §9). These two bodies are where `null` means
 * something: it clears the choice.
 */
import Type, { type Static } from 'typebox'
import { ID_CHARS_MAX } from './vocabulary.ts'

const nullableId = Type.Union([Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }), Type.Null()])

/** A device or application that may answer. */
export const AnswerEndpoint = Type.Object(
  {
    id: Type.String({ description: 'Webex id of type DEVICE or APPLICATION' }),
    type: Type.Enum(['DEVICE', 'APPLICATION']),
    name: Type.String(),
  },
  { title: 'AnswerEndpoint' },
)
/** A device or application that may answer. */
export type AnswerEndpoint = Static<typeof AnswerEndpoint>

/** The choice, when there is one, and the choices. */
export const PreferredAnswerEndpoint = Type.Object(
  { preferredAnswerEndpointId: Type.Optional(Type.String()), endpoints: Type.Array(AnswerEndpoint) },
  { title: 'PreferredAnswerEndpoint' },
)
/** The choice, when there is one, and the choices. */
export type PreferredAnswerEndpoint = Static<typeof PreferredAnswerEndpoint>

/** The caller's own choice; an empty object when there is none. */
export const MyPreferredAnswerEndpoint = Type.Object(
  {
    id: Type.Optional(Type.String()),
    type: Type.Optional(Type.Enum(['DEVICE', 'APPLICATION'])),
    name: Type.Optional(Type.String()),
  },
  { title: 'MyPreferredAnswerEndpoint' },
)
/** The caller's own choice; an empty object when there is none. */
export type MyPreferredAnswerEndpoint = Static<typeof MyPreferredAnswerEndpoint>

/** Body of `PUT …/preferredAnswerEndpoint` of a person. */
export const PreferredAnswerEndpointRequest = Type.Object(
  { preferredAnswerEndpointId: nullableId },
  { title: 'PreferredAnswerEndpointRequest' },
)
/** Body of `PUT …/preferredAnswerEndpoint` of a person. */
export type PreferredAnswerEndpointRequest = Static<typeof PreferredAnswerEndpointRequest>

/** Body of `PUT …/me/settings/preferredAnswerEndpoint`. */
export const MyPreferredAnswerEndpointRequest = Type.Object(
  { id: nullableId },
  { title: 'MyPreferredAnswerEndpointRequest' },
)
/** Body of `PUT …/me/settings/preferredAnswerEndpoint`. */
export type MyPreferredAnswerEndpointRequest = Static<typeof MyPreferredAnswerEndpointRequest>

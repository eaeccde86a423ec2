/**
 * The body of every answer that is not a success (contract README §4). Clients need `message`, a first description and
 * `trackingId` to parse it as an error at all.
 */
import Type, { type Static } from 'typebox'

/** The body of every answer that is not a success. */
export const ErrorBody = Type.Object(
  {
    message: Type.String(),
    errors: Type.Array(
      Type.Object({
        description: Type.String(),
        errorCode: Type.Optional(Type.Integer({ description: 'Number of the error, see docs/errors.md' })),
      }),
      { minItems: 1 },
    ),
    trackingId: Type.String(),
  },
  { title: 'ErrorBody' },
)
/** The body of every answer that is not a success. */
export type ErrorBody = Static<typeof ErrorBody>

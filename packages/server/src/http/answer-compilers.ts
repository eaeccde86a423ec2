/**
 * Fastify's compilers of schemas, loaded when the first answer needs one: an idle server carries neither the JSON
 * serialiser nor Ajv, and is ready a tenth of a second sooner. Answers are serialised by Fastify's own compiler; request
 * bodies are read by `body.ts`, so there is nothing for Fastify to validate.
 */
import { createRequire } from 'node:module'
import type { FastifyServerOptions } from 'fastify'

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type BuildSerializer = NonNullable<Compilers['buildSerializer']>
type Serializer = (body: unknown) => string

/** To be given to `fastify` as `schemaController.compilersFactory`. */
export const ANSWER_COMPILERS: Compilers = {
  buildSerializer: (schemas, options) => {
    let compile: ReturnType<BuildSerializer> | undefined
    return (route) => {
      let serialize: Serializer | undefined
      return (body) => {
        compile ??= serializerFactory()(schemas, options)
        serialize ??= compile(route)
        return serialize(body)
      }
    }
  },
  buildValidator: () => () => {
    throw new Error('Requests are checked by bodyReader and Query, not by a schema of the route.')
  },
}

/** The one that Fastify would have loaded at its start: found from where Fastify is, in the version that it asks for. */
function serializerFactory(): BuildSerializer {
  const fastify = createRequire(import.meta.url).resolve('fastify')
  const make = createRequire(fastify)('@fastify/fast-json-stringify-compiler') as () => BuildSerializer // See its README.
  return make()
}

/**
 * Serialisers of answers: Fastify's own JSON serialiser, made from a schema of the contract and loaded with the first
 * answer. Fastify would load and compile it while the server starts, together with Ajv, which nothing here needs: request
 * bodies are read by `body.ts`.
 */
import { createRequire } from 'node:module'
import { loadSchemas, type Schemas } from '@tandem/contract'
import type { FastifyServerOptions } from 'fastify'

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type BuildSerializer = NonNullable<Compilers['buildSerializer']>

/** Turns a body into JSON. */
export type Serializer = (body: unknown) => string

const noCompiler = (): never => {
  throw new Error(
    'Routes have no schemas: bodies are checked by bodyReader, answers written by serializerOf.',
  )
}

/** For `fastify`, as `schemaController.compilersFactory`: keeps it from loading its own. */
export const NO_COMPILERS: Compilers = { buildSerializer: () => noCompiler, buildValidator: () => noCompiler }

const serializers = new Map<keyof Schemas, Promise<Serializer>>()

/** The serialiser of one schema, made once. It writes what the schema names and nothing else. */
export function serializerOf(name: keyof Schemas): Promise<Serializer> {
  const serializer = serializers.get(name) ?? makeSerializer(name)
  serializers.set(name, serializer)
  return serializer
}

async function makeSerializer(name: keyof Schemas): Promise<Serializer> {
  const { [name]: schema } = await loadSchemas()
  // Found from where Fastify is, in the version that it asks for.
  const require = createRequire(createRequire(import.meta.url).resolve('fastify'))
  const make = require('@fastify/fast-json-stringify-compiler') as () => BuildSerializer // As Fastify calls it.
  return make()({}, {})({ schema, method: '', url: '', httpStatus: '' })
}

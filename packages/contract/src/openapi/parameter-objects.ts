/** Parameters of the document: those of the path, the query and the header. */
import type { Parameter, Parameters, Route } from '../routes/route.ts'
import { ID_CHARS_MAX, RETENTION_SCOPES } from '../schema/vocabulary.ts'
import type { JsonObject } from './component-schemas.ts'
import { PATH_PARAMETERS } from './texts.ts'

/** Parameters of the path that are one of a few words. */
const PATH_CHOICES: Readonly<Record<string, readonly string[]>> = {
  scope: RETENTION_SCOPES,
  page: ['play', 'download'],
}

/** All parameters of a route. */
export function parameterObjects(route: Route): readonly JsonObject[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => pathParameter(name))
  return [...inPath, ...objectsOf(route.query, 'query'), ...objectsOf(route.headers, 'header')]
}

function pathParameter(name: string): JsonObject {
  const description = PATH_PARAMETERS[name]
  if (description === undefined) throw new Error(`The path parameter ${name} is described nowhere`)
  const choices = PATH_CHOICES[name]
  const schema =
    choices === undefined
      ? { type: 'string', minLength: 1, maxLength: ID_CHARS_MAX }
      : { type: 'string', enum: choices }
  return { name, in: 'path', required: true, description, schema }
}

function objectsOf(parameters: Parameters | undefined, place: 'query' | 'header'): readonly JsonObject[] {
  return Object.entries(parameters ?? {}).map(([name, parameter]) => ({
    name,
    in: place,
    ...(parameter.required === true ? { required: true } : {}),
    description: parameter.description,
    schema: schemaOf(parameter),
  }))
}

function schemaOf(parameter: Parameter): JsonObject {
  switch (parameter.kind) {
    case 'text':
      return { type: 'string', maxLength: parameter.charsMax }
    case 'id':
      return { type: 'string', minLength: 1, maxLength: parameter.charsMax }
    case 'choice':
      return { type: 'string', enum: parameter.choices, ...defaultOf(parameter.default) }
    case 'integer':
      return {
        type: 'integer',
        minimum: parameter.min,
        maximum: parameter.max,
        ...defaultOf(parameter.default),
      }
    case 'boolean':
      return { type: 'boolean', ...defaultOf(parameter.default) }
    case 'time':
      return { type: 'string', format: 'date-time' }
  }
}

function defaultOf(value: string | number | boolean | undefined): JsonObject {
  return value === undefined ? {} : { default: value }
}

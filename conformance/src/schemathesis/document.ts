/**
 * The published document, made ready for a program that tries requests: every path in full under one server, and beside any
 * value that a schema allows the ids that the server knows, so that requests reach what is there.
 */

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by those who know where.
type Json = any

/** Values that mean something to the server, by the name of the parameter or member. */
export type KnownValues = Readonly<Record<string, readonly string[]>>

/** Any other value of these is refused before the operation is looked at, so that no request would come further. */
const ONLY_KNOWN: readonly string[] = ['lineOwnerId', 'orgId', 'organizationId']

/** Changes nothing of what the document says of answers. */
export function fullDocument(published: Json, known: KnownValues): Json {
  const document = structuredClone(published)
  const origin = new URL(document.servers[0].url).origin
  const paths = Object.entries<Json>(document.paths).map(([path, { servers, ...item }]) => {
    const { pathname } = new URL((servers ?? document.servers)[0].url)
    return [pathname.replace(/\/$/, '') + path, item] as const
  })
  document.paths = Object.fromEntries(paths)
  document.servers = [{ url: origin }]
  for (const [path, item] of paths)
    for (const operation of Object.values<Json>(item)) {
      for (const parameter of operation.parameters ?? []) {
        const values = valuesOf(known, parameter.name, path)
        if (values !== undefined && parameter.schema.enum === undefined)
          parameter.schema = ONLY_KNOWN.includes(parameter.name)
            ? { type: 'string', enum: values }
            : { anyOf: [{ type: 'string', enum: values }, parameter.schema] }
      }
    }
  for (const [name, schema] of Object.entries<Json>(document.components.schemas))
    if (/(Request|Change)$/.test(name)) knowMembers(schema, known, name)
  return document
}

/** Meetings have ids of their own. */
function valuesOf(known: KnownValues, name: string, where: string): readonly string[] | undefined {
  const isMeeting = /\/recordings\/|^Meeting|^AccessList/.test(where) && !where.startsWith('/tandem')
  if ((name === 'recordingId' || name === 'recordingIds') && isMeeting) return known['meetingRecordingId']
  return known[name]
}

function knowMembers(schema: Json, known: KnownValues, where: string): void {
  for (const [name, member] of Object.entries<Json>(schema.properties ?? {})) {
    const values = valuesOf(known, name, where)
    if (values !== undefined && member.type === 'string' && member.enum === undefined)
      schema.properties[name] = { anyOf: [{ type: 'string', enum: values }, member] }
    else if (values !== undefined && member.type === 'array')
      member.items = { anyOf: [{ type: 'string', enum: values }, member.items] }
  }
}

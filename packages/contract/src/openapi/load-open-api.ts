/** The OpenAPI document, made from the tables when somebody asks for it: nothing of it is needed to serve. */
import type { OpenApiDocument, Publisher } from './document.ts'

/** Makes the document; it brings the schemas with it. */
export async function makeOpenApi(publisher: Publisher): Promise<OpenApiDocument> {
  const [{ openApiDocument }, schemas] = await Promise.all([
    import('./document.ts'),
    import('../schema/schemas.ts'),
  ])
  return openApiDocument(publisher, schemas)
}

/**
 * The schemas, loaded when the first of them is needed. The library that they are built with is some 370 modules, a
 * seventh of a second and 20 MB at the start of a process, and an idle server needs none of it.
 */

/** Every schema by its name. */
export type Schemas = typeof import('./schemas.ts')

/** Loads them, once; later calls get the same ones. */
export function loadSchemas(): Promise<Schemas> {
  return import('./schemas.ts')
}

/**
 * Who may import whom, as data: the layer table of ARCHITECTURE.md. `tidy.test.ts` holds the sources, the
 * package manifests and the TypeScript references to it.
 */

/** Each package with the workspace packages that its sources may import. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  contract: [],
  testing: ['base'],
  sip: ['base'],
  media: ['base'],
  engine: ['base', 'contract', 'media', 'sip'],
  store: ['base'],
  recordings: ['base', 'contract', 'media', 'store'],
  io: ['base', 'engine', 'media', 'sip'],
  phone: ['base', 'io', 'media', 'sip'],
  server: ['base', 'contract', 'engine', 'io', 'media', 'recordings', 'sip', 'store'],
  sdk: ['contract'], // Types only: the published client has no runtime dependency.
  cli: ['contract', 'phone', 'sdk', 'server'], // `phone` and `server` are loaded lazily.
}

/** Packages without I/O: the compiler gives them neither Node's types nor the DOM's. */
export const SANS_IO: readonly string[] = ['base', 'contract', 'sip', 'media', 'engine']

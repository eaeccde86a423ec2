/** What proves a recording outside of this server: signed manifests, and exports that can be verified offline. */
import type { Readable } from 'node:stream'
import type { SigningKey } from '../audit/audit-log.ts'
import type { Actor } from '../library.ts'

/** What is signed about one recording. */
export interface SignedManifest {
  readonly keyId: string
  /** Canonical JSON, exactly the signed bytes. */
  readonly body: string
  /** Ed25519, base64. */
  readonly signature: string
}

/** Manifests and exports. */
export interface Evidence {
  manifest(orgId: string, id: string): Promise<SignedManifest | undefined>
  keys(): Promise<readonly SigningKey[]>
  /** A tar with media, metadata, transcript, manifest, audit rows and keys, verifiable offline. Undefined: not there. */
  export(actor: Actor, id: string): Promise<Readable | undefined>
}

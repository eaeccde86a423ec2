/** Parties and actors of the metadata document (recording-metadata §2, "Party object"): `actor` is always there. */
import type { MetadataParty } from '@tandem/contract'
import type { FactActor, FactParty } from '../facts.ts'

/** A party; external ones show neither id nor email. */
export function metadataParty(from: FactParty): MetadataParty {
  return {
    actor: metadataActor(from.actor),
    ...(from.name === undefined ? {} : { name: from.name }),
    ...(from.number === undefined ? {} : { number: from.number }),
  }
}

/** Who or what a party is. */
export function metadataActor(from: FactActor): MetadataParty['actor'] {
  return {
    type: from.type,
    ...(from.id === undefined ? {} : { id: from.id }),
    ...(from.email === undefined ? {} : { email: from.email }),
  }
}

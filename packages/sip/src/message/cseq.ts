/** The CSeq header: RFC 3261 §20.16. A number below 2^31 (§8.1.1.5) and a method. */
import { parseDigits } from './characters.ts'
import { Scanner } from './scanner.ts'

/** The largest sequence number: RFC 3261 §8.1.1.5 wants it less than 2^31. */
export const CSEQ_MAX: number = 2 ** 31 - 1

/** A sequence number and the method it belongs to. */
export interface CSeq {
  readonly number: number
  readonly method: string
}

/** Reads a CSeq value; undefined when it is malformed or too large. */
export function parseCSeq(text: string): CSeq | undefined {
  const scanner = new Scanner(text)
  const number = parseDigits(scanner.token(), CSEQ_MAX)
  if (number === undefined || number > CSEQ_MAX || !scanner.space()) return undefined
  const method = scanner.token()
  return method === '' || !scanner.done ? undefined : { number, method }
}

/** Writes a CSeq value. */
export function printCSeq(cseq: CSeq): string {
  return `${cseq.number} ${cseq.method}`
}

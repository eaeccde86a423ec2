/** `SIP-date`: RFC 3261 §20.17. Only its form is judged, and that it is GMT; nothing here acts on the time. */

const SIP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT$/

/** Whether `text` is a date as the grammar has it. */
export function isSipDate(text: string): boolean {
  return SIP_DATE.test(text)
}

/**
 * What must come of each message of RFC 4475: its section, and what our parser and user agent do with it.
 *
 * `accepted` means that it is parsed and goes on to the application; a number is the status that refuses it; `dropped`
 * is a response that reaches nobody. Where the RFC leaves a choice, `why` says what we chose.
 */

/** The verdict on one message. */
export interface Verdict {
  readonly name: string
  /** Section of RFC 4475. */
  readonly section: string
  readonly verdict: 'accepted' | 'dropped' | number
  /** Set when a refusal cannot be sent, since the message does not say to whom. */
  readonly unanswerable?: true
  readonly why: string
}

/** All 49, in the order of the RFC. */
export const VERDICTS: readonly Verdict[] = [
  { name: 'wsinv', section: '3.1.1.1', verdict: 'accepted', why: 'unusual white space and folds everywhere' },
  {
    name: 'intmeth',
    section: '3.1.1.2',
    verdict: 'accepted',
    why: 'every character that the grammar allows',
  },
  {
    name: 'esc01',
    section: '3.1.1.3',
    verdict: 'accepted',
    why: 'escapes stand for their characters in URIs',
  },
  {
    name: 'escnull',
    section: '3.1.1.4',
    verdict: 'accepted',
    why: 'an escaped NUL is a character of the user part',
  },
  {
    name: 'esc02',
    section: '3.1.1.5',
    verdict: 'accepted',
    why: 'a percent sign escapes nothing outside of URIs',
  },
  { name: 'lwsdisp', section: '3.1.1.6', verdict: 'accepted', why: 'no space is needed before the bracket' },
  { name: 'longreq', section: '3.1.1.7', verdict: 'accepted', why: 'long values are within our limits' },
  {
    name: 'dblreq',
    section: '3.1.1.8',
    verdict: 'accepted',
    why: 'bytes behind the message are ignored in a datagram',
  },
  {
    name: 'semiuri',
    section: '3.1.1.9',
    verdict: 'accepted',
    why: 'a semicolon may belong to the user part',
  },
  {
    name: 'transports',
    section: '3.1.1.10',
    verdict: 'accepted',
    why: 'transports in Via need not be known',
  },
  {
    name: 'mpart01',
    section: '3.1.1.11',
    verdict: 'accepted',
    why: 'a multipart body is bytes to the parser',
  },
  { name: 'unreason', section: '3.1.1.12', verdict: 'accepted', why: 'a reason phrase may be any UTF-8' },
  { name: 'noreason', section: '3.1.1.13', verdict: 'accepted', why: 'a reason phrase may be empty' },

  {
    name: 'badinv01',
    section: '3.1.2.1',
    verdict: 400,
    unanswerable: true,
    why: 'stray separators; the Via itself is broken',
  },
  { name: 'clerr', section: '3.1.2.2', verdict: 400, why: 'Content-Length is larger than the datagram' },
  { name: 'ncl', section: '3.1.2.3', verdict: 400, why: 'Content-Length is negative' },
  {
    name: 'scalar02',
    section: '3.1.2.4',
    verdict: 400,
    why: 'CSeq is past 2^31; the other scalars alone would not matter',
  },
  { name: 'scalarlg', section: '3.1.2.5', verdict: 'dropped', why: 'CSeq is past 2^31 in a response' },
  { name: 'quotbal', section: '3.1.2.6', verdict: 400, why: 'the quote of a display name stays open' },
  { name: 'ltgtruri', section: '3.1.2.7', verdict: 400, why: 'the Request-URI stands in brackets' },
  {
    name: 'lwsruri',
    section: '3.1.2.8',
    verdict: 400,
    why: 'white space in the Request-URI; we do not guess',
  },
  {
    name: 'lwsstart',
    section: '3.1.2.9',
    verdict: 400,
    why: 'two spaces in the request line; we do not guess',
  },
  { name: 'trws', section: '3.1.2.10', verdict: 400, why: 'white space behind the version; we do not guess' },
  { name: 'escruri', section: '3.1.2.11', verdict: 400, why: 'the Request-URI has headers' },
  { name: 'baddate', section: '3.1.2.12', verdict: 400, why: 'the Date is not GMT; we do not guess' },
  {
    name: 'regbadct',
    section: '3.1.2.13',
    verdict: 400,
    why: 'a URI with headers needs brackets in Contact',
  },
  { name: 'badaspec', section: '3.1.2.14', verdict: 400, why: 'spaces inside the brackets' },
  { name: 'baddn', section: '3.1.2.15', verdict: 400, why: 'a bare comma in a display name' },
  {
    name: 'badvers',
    section: '3.1.2.16',
    verdict: 505,
    why: 'version 7.0, answered by its Via of that version',
  },
  { name: 'mismatch01', section: '3.1.2.17', verdict: 400, why: 'CSeq names another method' },
  {
    name: 'mismatch02',
    section: '3.1.2.18',
    verdict: 400,
    why: 'CSeq names another method, and this one is unknown',
  },
  { name: 'bigcode', section: '3.1.2.19', verdict: 'dropped', why: 'a status of ten digits' },

  { name: 'badbranch', section: '3.2.1', verdict: 'accepted', why: 'a bare cookie is a branch of RFC 2543' },

  {
    name: 'insuf',
    section: '3.3.1',
    verdict: 400,
    why: 'no Call-ID, From or To; answered with what there is',
  },
  { name: 'unkscm', section: '3.3.2', verdict: 416, why: 'a scheme that nobody knows' },
  { name: 'novelsc', section: '3.3.3', verdict: 416, why: 'a known scheme that is not for SIP' },
  { name: 'unksm2', section: '3.3.4', verdict: 400, why: 'parsed; but an address of record is a SIP URI' },
  {
    name: 'bext01',
    section: '3.3.5',
    verdict: 420,
    why: 'two required extensions, both named in Unsupported',
  },
  {
    name: 'invut',
    section: '3.3.6',
    verdict: 415,
    why: 'a body type that we cannot read, with Accept in the answer',
  },
  {
    name: 'regaut01',
    section: '3.3.7',
    verdict: 'accepted',
    why: 'parsed; the registrar challenges it again',
  },
  { name: 'multi01', section: '3.3.8', verdict: 400, why: 'single headers come twice' },
  { name: 'mcl01', section: '3.3.9', verdict: 400, why: 'Content-Length comes twice' },
  { name: 'bcast', section: '3.3.10', verdict: 'dropped', why: 'a response with a second Via is not for us' },
  {
    name: 'zeromf',
    section: '3.3.11',
    verdict: 483,
    why: 'we stand between two parties, so the hop ends here',
  },
  {
    name: 'cparam01',
    section: '3.3.12',
    verdict: 'accepted',
    why: 'a parameter without brackets is the header’s',
  },
  {
    name: 'cparam02',
    section: '3.3.13',
    verdict: 'accepted',
    why: 'a parameter inside brackets is the URI’s',
  },
  {
    name: 'regescrt',
    section: '3.3.14',
    verdict: 'accepted',
    why: 'escaped headers in a Contact URI are kept with it',
  },
  { name: 'sdp01', section: '3.3.15', verdict: 406, why: 'Accept leaves no way to answer with SDP' },

  {
    name: 'inv2543',
    section: '3.4.1',
    verdict: 'accepted',
    why: 'an INVITE of RFC 2543, without branch, tag and Contact',
  },
]

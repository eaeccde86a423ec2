/** Who lives in the house that is scanned: one organisation whose SIP users are plain numbers, as a scanner guesses them. */

/** The SIP domain of the house. */
export const DOMAIN = 'scan.test'
/** Another organisation of the same server, whose passwords are no good here. */
export const FOREIGN_DOMAIN = 'elsewhere.test'

/** Two that call each other all the time. */
export const GOOD_PHONES = ['201', '202'] as const
/** The users that crackers are after, and a colleague of theirs. */
export const VICTIM = '110'
export const VICTIM_TOO = '112'
export const COLLEAGUE = '111'
/** One each for the cases that spoil a registration or a count of failures. */
export const USERS = {
  timing: '120',
  counting: '121',
  replay: '122',
  target: '123',
  algorithm: '124',
  wordless: '125',
  contacts: '130',
  challenger: '140',
  impostor: '150',
} as const
/** Numbers that nobody has. */
export const NOBODY = ['305', '306'] as const

const PEOPLE = [...GOOD_PHONES, VICTIM, VICTIM_TOO, COLLEAGUE, ...Object.values(USERS)]

/** The password of a SIP user. */
export function passwordOf(user: string): string {
  return `right-word-of-${user}`
}

/** The directory, as YAML. */
export function directory(): string {
  return `organizations:
  - name: Scanned
    domains: [${DOMAIN}]
    locations: [{ name: Berlin }]
    people:
${PEOPLE.map((user) => person(user, DOMAIN)).join('\n')}
  - name: Elsewhere
    domains: [${FOREIGN_DOMAIN}]
    locations: [{ name: Oslo }]
    people:
${person(VICTIM, FOREIGN_DOMAIN)}
`
}

function person(user: string, domain: string): string {
  return [
    `      - email: p${user}@${domain}`,
    `        name: Person ${user}`,
    `        extension: "${user}"`,
    '        recording: Never',
    // Told of its messages when it registers, which makes the server send a NOTIFY.
    ...(user === USERS.challenger ? ['        voicemail: { enabled: true, pin: "471100" }'] : []),
    `        devices: [{ name: desk, sipUser: "${user}", sipPassword: ${passwordOf(user)} }]`,
  ].join('\n')
}

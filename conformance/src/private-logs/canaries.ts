/** Words that occur nowhere else, in every place where a person, a number or a secret can be. */
export const CANARIES = {
  person: 'Canaria Qvist',
  other: 'Zebulon Wrax',
  organization: 'Quollhaus',
  place: 'Yggdrasil',
  email: 'canaria.qvist@quoll.test',
  otherEmail: 'zebulon.wrax@quoll.test',
  number: '+4930717171701',
  sipPassword: 'sipcanary-qz71-one',
  otherSipPassword: 'sipcanary-qz71-two',
  wrongPassword: 'sipcanary-qz71-wrong',
  token: 'tdm_canaryqz71canaryqz71canaryqz71canaryqz71cQ00000000',
  dialled: '+4930717171799',
  webhookSecret: 'hookcanary-qz71',
  webhookTarget: 'https://hookcanaryqz71.example.com/take',
  sound: 'Soundcanary qz71',
  search: 'searchcanaryqz71',
  password: 'signincanary-qz71',
  agent: 'agentcanary-qz71',
  path: 'pathcanaryqz71',
} as const

/** What of them may be in no line, page or answer; the first words alone too, since a name may be cut in two. */
export const FORBIDDEN: readonly string[] = [
  ...Object.values(CANARIES),
  ...[
    'Canaria',
    'Qvist',
    'Zebulon',
    'Wrax',
    'Yggdrasil',
    'quoll.test',
    '717171',
    'canary',
    '"7101"',
    '"7102"',
    'sip:',
  ],
  ...['Digest ', 'nonce=', 'Bearer ', 'tdm_'],
]

/** The directory that they live in. */
export const DIRECTORY = `organizations:
  - name: ${CANARIES.organization}
    domains: [quoll.test]
    locations: [{ name: ${CANARIES.place} }]
    people:
      - email: ${CANARIES.email}
        name: ${CANARIES.person}
        extension: "7101"
        numbers: ["${CANARIES.number}"]
        recording: Always
        roles: [admin, complianceOfficer]
        voicemail: { pin: "7171" }
        devices: [{ name: desk, sipUser: qvist, sipPassword: ${CANARIES.sipPassword} }]
      - email: ${CANARIES.otherEmail}
        name: ${CANARIES.other}
        extension: "7102"
        devices: [{ name: desk, sipUser: wrax, sipPassword: ${CANARIES.otherSipPassword} }]
`

/** The words that a text holds, each with the line around it. */
export function found(text: string, words: readonly string[] = FORBIDDEN): string[] {
  const lines = text.split('\n')
  return words.flatMap((word) => {
    const line = lines.find((one) => one.includes(word))
    return line === undefined ? [] : [`${word}: ${line.slice(0, 300)}`]
  })
}

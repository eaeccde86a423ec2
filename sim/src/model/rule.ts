/** How the model says that a rule was broken, and about whom, so that the lines that matter can be found in the diary. */

/** Whom a broken rule is about; any of them leads to the sessions concerned. */
export interface About {
  readonly sessions?: readonly string[]
  readonly callIds?: readonly string[]
  readonly legs?: readonly string[]
}

/** A rule was broken. The world adds the seed, the moment and a trace. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
  readonly about: About

  constructor(rule: string, about: About = {}) {
    super(rule)
    this.about = about
  }
}

/** Ends the run. */
export function broken(rule: string, about: About = {}): never {
  throw new RuleBroken(rule, about)
}

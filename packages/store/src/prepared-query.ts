/**
 * A query worked out once and asked with other values each time: for those asked for every file of an import, where
 * building it takes longer than its answer.
 */
import type { Compilable, CompiledQuery } from 'kysely'

/** Stands for a value while the query is built. */
class Place {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * Builds the query at its first use. `build` gets a stand-in for each value by name: bind it, and do nothing else with it.
 * The result makes the query for real ones: give it to `executeQuery` or, if it changes something, to `commit`.
 */
export function preparedQuery<Values extends Readonly<Record<string, string | number>>, Row>(
  names: readonly (keyof Values & string)[],
  build: (places: Values) => Compilable<Row>,
): (values: Values) => Compilable<Row> {
  let template: CompiledQuery<Row> | undefined
  return (values) => {
    template ??= build(placesFor(names)).compile()
    const parameters = template.parameters.map((each) => (each instanceof Place ? values[each.name] : each))
    const query = { ...template, parameters }
    return { compile: () => query }
  }
}

function placesFor<Values>(names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, new Place(name)])) as Values // Bound, never looked at.
}

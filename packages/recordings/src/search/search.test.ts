import { onBothEngines } from '../catalogue/both-engines.test.ts'
import { CATALOGUE_MIGRATIONS } from '../catalogue/tables.ts'
import { TRANSCRIPT_MIGRATIONS } from '../transcript/tables.ts'
import { searchSuite } from './search-suite.ts'
import { SEARCH_MIGRATIONS } from './tables.ts'

const MIGRATIONS = { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS, ...TRANSCRIPT_MIGRATIONS }

onBothEngines('Search', MIGRATIONS, searchSuite)

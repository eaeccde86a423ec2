import { SEARCH_MIGRATIONS } from '../search/tables.ts'
import { onBothEngines } from './both-engines.test.ts'
import { catalogueSuite } from './catalogue-suite.ts'
import { CATALOGUE_MIGRATIONS } from './tables.ts'

onBothEngines('Catalogue', { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS }, catalogueSuite)

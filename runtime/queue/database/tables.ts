import { peopleTables } from './tables/people.ts'
import { runTables } from './tables/runs.ts'

/** The statements that made each version of the service's tables, from none; never changed once released. */
export const tables: readonly (readonly string[])[] = [[...runTables, ...peopleTables]]

import { apiTables } from './tables/api.ts'
import { auditTables } from './tables/audit.ts'
import { watchTables } from './tables/incidents.ts'
import { peopleTables } from './tables/people.ts'
import { runTables } from './tables/runs.ts'
import { scheduleTables } from './tables/schedules.ts'
import { secretTables } from './tables/secrets.ts'

/** The statements that made each version of the service's tables, from none; never changed once released. */
export const tables: readonly (readonly string[])[] = [
  [...runTables, ...apiTables, ...scheduleTables, ...peopleTables, ...auditTables, ...secretTables, ...watchTables],
]

import { audit } from './audit.ts'
import { clients } from './clients/clients.ts'
import { events } from './events/events.ts'
import { flows } from './flows/flows.ts'
import { incidents } from './incidents.ts'
import { models } from './models/models.ts'
import { nodes } from './nodes.ts'
import { people } from './people/people.ts'
import { tokens } from './people/tokens.ts'
import { reports } from './reports.ts'
import { runLists } from './runs/list.ts'
import { runs } from './runs/runs.ts'
import { steps } from './runs/steps.ts'
import { backfills } from './schedules/backfills.ts'
import { schedules } from './schedules/schedules.ts'
import { secrets } from './secrets.ts'
import { openIdSignIn } from './sign-in/openid.ts'
import { session } from './sign-in/session.ts'
import { datasets } from './tables/datasets.ts'
import { tables } from './tables/tables.ts'
import { usage } from './usage.ts'

/**
 * Everything that the API can do, by name. The server registers each, the OpenAPI document describes it, and the HTTP
 * client has a method for it.
 */
export const endpoints = {
  ...clients,
  ...flows,
  ...nodes,
  ...runs,
  ...runLists,
  ...steps,
  ...tables,
  ...datasets,
  ...models,
  ...reports,
  ...schedules,
  ...backfills,
  ...events,
  ...people,
  ...tokens,
  ...audit,
  ...session,
  ...openIdSignIn,
  ...secrets,
  ...incidents,
  ...usage,
} as const

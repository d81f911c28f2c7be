import { everyRole, type Role } from '../../../../runtime/server/access/person.ts'

const operators: readonly Role[] = ['operator', 'administrator']
const makers: readonly Role[] = ['analyst', 'operator', 'administrator']
const reviewers: readonly Role[] = ['reviewer', 'administrator']
const administrators: readonly Role[] = ['administrator']

/** Who may ask what: each endpoint stands here, or the test of the matrix fails. */
export const matrix: Readonly<Record<string, readonly Role[] | 'public'>> = {
  listClients: everyRole,
  getClient: everyRole,
  createClient: administrators,
  changeClient: operators,

  listFlows: everyRole,
  getFlow: everyRole,
  checkFlow: everyRole,
  saveFlow: makers,
  listNodes: everyRole,
  getNode: everyRole,

  startRun: makers,
  listRuns: everyRole,
  listAllRuns: everyRole,
  getRun: everyRole,
  cancelRun: operators,
  retryRun: makers,
  listSteps: everyRole,
  getStep: everyRole,

  readOutput: makers,
  profileOutput: makers,
  listDatasets: everyRole,
  listSnapshots: everyRole,
  readDataset: makers,
  profileDataset: makers,

  listModels: everyRole,
  listVersions: everyRole,
  getVersion: everyRole,
  approveModel: reviewers,
  retireModel: reviewers,
  listApprovals: everyRole,
  getRunReport: everyRole,
  listReports: everyRole,
  getReport: everyRole,

  listSchedules: everyRole,
  nextRuns: everyRole,
  pauseFlow: operators,
  resumeFlow: operators,
  pauseClient: operators,
  resumeClient: operators,
  listTriggers: everyRole,
  startBackfill: operators,
  listBackfills: everyRole,
  cancelBackfill: operators,

  watchRun: everyRole,
  watchClient: everyRole,
  watchAll: everyRole,

  whoAmI: everyRole,
  listPeople: administrators,
  createPerson: administrators,
  changePerson: administrators,
  listTokens: administrators,
  createToken: administrators,
  revokeToken: administrators,

  getSignIn: 'public',
  beginOpenId: 'public',
  finishOpenId: 'public',
  createSession: 'public',
  getSession: everyRole,
  endSession: everyRole,

  listSecrets: operators,
  putSecret: operators,
  deleteSecret: operators,

  listAudit: operators,
  checkAudit: administrators,

  listIncidents: everyRole,
  listUsage: operators,
}

/** Routes that are no endpoints: what they show needs nobody to be signed in, or is asked of the API. */
export const openRoutes: readonly RegExp[] = [
  /^GET \/api\/openapi\.json$/,
  /^GET \/api\/docs(\/|$)/,
  // Health tells nothing of anybody; metrics ask for a token themselves.
  /^GET \/(health\/(live|ready)|metrics)$/,
  // The pages: each asks the API in the name of whoever looks at it.
  /^(GET|POST) \/((clients|people|audit|sign-in|sign-out|console)(\/|$)|\*?$)/,
]

import { everyRole, type Role } from '../../../runtime/server/endpoint.ts'

const operators: readonly Role[] = ['operator', 'administrator']
const administrators: readonly Role[] = ['administrator']

/** Who may ask what: each endpoint stands here, or the test of the matrix fails. */
export const matrix: Readonly<Record<string, readonly Role[] | 'public'>> = {
  startRun: ['analyst', 'operator', 'administrator'],
  getRun: everyRole,
  cancelRun: operators,

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
}

/** Routes that are no endpoints: what they show needs nobody to be signed in, or is asked of the API. */
export const openRoutes: readonly RegExp[] = []

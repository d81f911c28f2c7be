import { checkAudit, listAudit } from '../api/audit.ts'
import { changeClient, createClient, getClient, listClients } from '../api/clients.ts'
import { listDatasets, listSnapshots } from '../api/datasets.ts'
import { watchAll, watchClient, watchRun } from '../api/events.ts'
import { checkFlow, getFlow, listFlows, saveFlow } from '../api/flows.ts'
import { approveModel, getVersion, listApprovals, listModels, listVersions, retireModel } from '../api/models.ts'
import { getNode, listNodes } from '../api/nodes.ts'
import { beginOpenId, finishOpenId, getSignIn } from '../api/openid.ts'
import { changePerson, createPerson, createToken, listPeople, listTokens, revokeToken, whoAmI } from '../api/people.ts'
import { getReport, getRunReport, listReports } from '../api/reports.ts'
import { cancelRun, getRun, getStep, listAllRuns, listRuns, listSteps, retryRun, startRun } from '../api/runs.ts'
import {
  cancelBackfill,
  listBackfills,
  listSchedules,
  listTriggers,
  nextRuns,
  pauseClient,
  pauseFlow,
  resumeClient,
  resumeFlow,
  startBackfill,
} from '../api/schedules.ts'
import { deleteSecret, listSecrets, putSecret } from '../api/secrets.ts'
import { createSession, endSession, getSession } from '../api/session.ts'
import { profileDataset, profileOutput, readDataset, readOutput } from '../api/tables.ts'
import { listIncidents, listUsage } from '../api/watch.ts'

/** Everything that the API can do, by name. The typed client has a method for each. */
export const endpoints = {
  listClients,
  getClient,
  createClient,
  changeClient,
  listFlows,
  getFlow,
  checkFlow,
  saveFlow,
  listNodes,
  getNode,
  startRun,
  listRuns,
  listAllRuns,
  getRun,
  cancelRun,
  retryRun,
  listSteps,
  getStep,
  readOutput,
  profileOutput,
  readDataset,
  profileDataset,
  listDatasets,
  listSnapshots,
  listModels,
  listVersions,
  getVersion,
  approveModel,
  retireModel,
  listApprovals,
  getRunReport,
  listReports,
  getReport,
  listSchedules,
  nextRuns,
  pauseFlow,
  resumeFlow,
  pauseClient,
  resumeClient,
  listTriggers,
  startBackfill,
  listBackfills,
  cancelBackfill,
  watchRun,
  watchClient,
  watchAll,
  listPeople,
  createPerson,
  changePerson,
  listTokens,
  createToken,
  revokeToken,
  whoAmI,
  listSecrets,
  putSecret,
  deleteSecret,
  listIncidents,
  listUsage,
  listAudit,
  checkAudit,
  createSession,
  getSession,
  endSession,
  getSignIn,
  beginOpenId,
  finishOpenId,
} as const

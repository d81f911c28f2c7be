import { pauseClient, pauseFlow, resumeClient, resumeFlow } from '../../server/api/schedules.ts'
import { flowPath } from '../paths.ts'
import { type Change, param } from '../visit.ts'

const ofFlow =
  (endpoint: typeof pauseFlow | typeof resumeFlow): Change =>
  async (visit) => {
    const params = { client: param(visit, 'client'), flow: param(visit, 'flow') }
    await visit.api.ask(endpoint, { params })
    return flowPath(params.client, params.flow)
  }

const ofClient =
  (endpoint: typeof pauseClient | typeof resumeClient): Change =>
  async (visit) => {
    const client = param(visit, 'client')
    await visit.api.ask(endpoint, { params: { client } })
    return `/clients/${client}`
  }

export const pauseFlowOf = ofFlow(pauseFlow)
export const resumeFlowOf = ofFlow(resumeFlow)
export const pauseClientOf = ofClient(pauseClient)
export const resumeClientOf = ofClient(resumeClient)

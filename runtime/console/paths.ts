// Where the pages are, by what the API calls things.

export const clientPath = (client: string): string => `/clients/${client}`
export const flowPath = (client: string, flow: string): string => `${clientPath(client)}/flows/${flow}`
export const runPath = (client: string, run: string): string => `${clientPath(client)}/runs/${run}`

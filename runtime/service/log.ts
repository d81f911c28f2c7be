import pino, { type DestinationStream, type Logger } from 'pino'

/** What the service writes its log with. */
export interface Log {
  info(detail: object, message: string): void
  warn(detail: object, message: string): void
  error(detail: object, message: string): void
}

// What a database or a library hangs on its errors may be a statement with its values: only what is named here is logged.
function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : undefined
  return { type: error.name, code, message: error.message, stack: error.stack }
}

/** Where a request went, without what its query, its headers and its body say. */
interface LoggedRequest {
  readonly method: string
  readonly routeOptions?: { readonly url?: string }
  readonly params?: unknown
  readonly ip?: string
}

function loggedRequest({ method, routeOptions, params, ip }: LoggedRequest): unknown {
  const { client, run } = (params ?? {}) as { client?: string; run?: string } // read as text where the address has them
  return { method, route: routeOptions?.url, client, run, address: ip }
}

/** The log of a service: one JSON object a line, to `destination` or the standard output. */
export function serviceLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'polku', pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: {
      error: loggedError,
      err: loggedError,
      req: loggedRequest,
      res: ({ statusCode }: { statusCode?: number }) => ({ status: statusCode }),
    },
  }
  return destination ? pino(options, destination) : pino(options)
}

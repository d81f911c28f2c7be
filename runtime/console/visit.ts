import type { ApiClient, PolkuProblem } from '../client/client.ts'
import type { Page, Session } from './page.ts'

/** Somebody who is signed in asks for a page, or sends a form. */
export interface Visit {
  readonly api: ApiClient
  readonly session: Session
  /** Of the address, as they stand there. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** What the form says; nothing where none was sent. */
  readonly form: URLSearchParams
  /** Why the form's change was refused: the page shows the form again as it was filled. */
  readonly problem?: PolkuProblem
}

export type Show = (visit: Visit) => Promise<Page>

/** Does what a form asks, and gives the address to continue at, or a page that is shown this once. */
export type Change = (visit: Visit) => Promise<string | Page>

/** What a page's file serves: addresses of pages, and of the forms' changes, each with the page that shows the form again where it is refused. */
export interface Routes {
  readonly pages?: readonly (readonly [url: string, show: Show])[]
  readonly changes?: readonly (readonly [url: string, change: Change, show: Show])[]
}

/** A part of the address; the API judges what is in it. */
export const param = ({ params }: Visit, name: string): string => params[name] ?? ''

/** A field of the form without spaces around it; undefined where it is empty. */
export const filled = (form: URLSearchParams, name: string): string | undefined => form.get(name)?.trim() || undefined

// Where the pages are, by what the API calls things.

export const clientPath = (client: string): string => `/clients/${client}`
export const flowPath = (client: string, flow: string): string => `${clientPath(client)}/flows/${flow}`
export const runPath = (client: string, run: string): string => `${clientPath(client)}/runs/${run}`
export const stepPath = ({ client, id }: { readonly client: string; readonly id: string }, step: string): string =>
  `${runPath(client, id)}/steps/${step}`
export const modelPath = (client: string, model: string): string => `${clientPath(client)}/models/${model}`

/** The trail from the start page to a client's. */
export const toClient = (client: string): NonNullable<Page['path']> => [
  { href: '/', name: 'Clients' },
  { href: clientPath(client), name: client },
]

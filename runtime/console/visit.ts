import type { Api, ApiProblem } from './api.ts'
import type { Page, Session } from './page.ts'

/** Somebody who is signed in asks for a page, or sends a form. */
export interface Visit {
  readonly api: Api
  readonly session: Session
  /** Of the address, as they stand there. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** What the form says; nothing where none was sent. */
  readonly form: URLSearchParams
  /** Why the form's change was refused: the page shows the form again as it was filled. */
  readonly problem?: ApiProblem
}

export type Show = (visit: Visit) => Promise<Page>

/** Does what a form asks, and gives the address to go on at, or a page that is shown this once. */
export type Change = (visit: Visit) => Promise<string | Page>

/** A part of the address; the API judges what is in it. */
export const param = ({ params }: Visit, name: string): string => params[name] ?? ''

/** A field of the form without spaces around it; undefined where it is empty. */
export const filled = (form: URLSearchParams, name: string): string | undefined => form.get(name)?.trim() || undefined

import { type ApiClient, addressOf, type PolkuProblem } from '../../client/client.ts'
import { html } from '../../html/html.ts'
import type { Page } from '../page.ts'
import { refusal } from '../parts/elements.ts'
import { inputField } from '../parts/fields.ts'
import { filled, type Visit } from '../visit.ts'

/** A path of this console to continue at, whatever else was asked for. */
export const onward = (to: string | null | undefined): string => {
  if (!to?.startsWith('/')) return '/'
  const address = new URL(to, 'http://console.invalid')
  if (address.host !== 'console.invalid') return '/'
  // Dots that are resolved, as in `/.//`, may leave slashes at the start, which would name another host.
  return address.pathname.replace(/^[/\\]+/, '/') + address.search
}

/** The form to sign in with a token, and the way to the OpenID provider where there is one. */
export async function signInPage(api: ApiClient, to: string, problem?: PolkuProblem): Promise<Page> {
  const { openid } = await api.getSignIn()
  const body = html`<div class="narrow">
<h1>Sign in</h1>
${problem && (problem.status === 401 ? html`<p class="callout failed" role="alert">This token does not hold: it may be mistyped, have ended, or have been revoked.</p>` : refusal(problem))}
<form method="post" action="/sign-in" class="panel">
<input type="hidden" name="to" value="${to}">
${inputField({
  name: 'token',
  label: 'Your token',
  type: 'password',
  required: true,
  autocomplete: 'current-password',
  hint: 'It begins with polku_. An administrator makes one for you; the service told the first one when it started.',
})}
<button>Sign in</button>
</form>
${openid && html`<p class="part"><a class="button plain" href="${addressOf('beginOpenId')}">Sign in with your organisation’s account</a></p>`}
</div>`
  return { title: 'Sign in', body }
}

/** Begins a session by the form's token, and gives where to continue. Throws PolkuProblem. */
export async function signInBy(api: ApiClient, form: URLSearchParams): Promise<string> {
  await api.createSession({ body: { token: filled(form, 'token') ?? '-' } })
  return onward(form.get('to'))
}

export async function signOut({ api }: Visit): Promise<string> {
  await api.endSession()
  return '/sign-in'
}

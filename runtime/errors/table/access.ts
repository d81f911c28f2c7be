// Who may do what: people, tokens, signing in, approving, and secrets.
import type { ErrorEntries } from './entry.ts'

export const accessErrors = {
  NOT_SIGNED_IN: {
    message: 'Nobody is signed in.',
    expected: 'A token that holds: Authorization: Bearer polku_…',
    status: 401,
  },
  NOT_ALLOWED: { message: 'The role {role} may not do this.', expected: 'Somebody with another role.', status: 403 },
  FORGED_REQUEST: {
    message: 'The change does not come from a page of this service.',
    expected:
      'A request of the service’s own page, with the header x-polku-forgery-token that GET /api/session gives; or a token instead of a cookie.',
    status: 403,
  },
  PERSON_UNKNOWN: {
    message: 'There is no person {person}.',
    expected: 'A person that GET /api/people lists.',
    status: 422,
    addressed: 'person',
  },
  EMAIL_TAKEN: {
    message: 'Another person has the address {email}.',
    expected: 'An address of one person only.',
    status: 409,
  },
  OWN_RIGHTS: {
    message: 'Nobody changes their own role, clients or end.',
    expected: 'Another administrator who does it.',
    status: 403,
  },
  LAST_ADMINISTRATOR: {
    message: '{name} is the last administrator of all clients.',
    expected: 'Another administrator of all clients first; nobody could let people in any more.',
    status: 409,
  },
  ADMINISTRATOR_LIMITED: {
    message: 'This is for an administrator of all clients.',
    expected: 'A token or a person that is limited to no clients.',
    status: 403,
  },
  TOKEN_UNKNOWN: {
    message: 'There is no token {token}.',
    expected: 'A token that the list of tokens shows.',
    status: 422,
    addressed: 'token',
  },
  TOKEN_ROLE: {
    message: 'A token of the role {role} is not for {name}, who is {own}.',
    expected: 'The person’s own role; only an administrator has tokens of other roles.',
    status: 422,
  },
  TOKEN_END: {
    message: 'The token would end at {actual}.',
    expected: 'A time from now to a year from now.',
    status: 422,
  },
  APPROVER_PUBLISHED: {
    message: '{by} published {model}, and so does not approve it.',
    expected: 'Another reviewer.',
    status: 403,
  },
  OPENID_INVALID: { message: 'The OpenID configuration is not right: {reason}.', expected: '{right}', status: 422 },
  OPENID_FAILED: {
    message: 'Signing in elsewhere did not succeed: {reason}.',
    expected: 'Another try from the page for signing in, in the same browser and within ten minutes.',
    status: 422,
  },
  SIGN_IN_REFUSED: {
    message: 'Nobody here has this account: {reason}.',
    expected: 'An administrator who lets a person with this e-mail address in.',
    status: 422,
  },
  SECRET_NOT_THERE: {
    message: 'There is no secret {name}.',
    expected: 'A name that the list of secrets shows.',
    status: 422,
    addressed: 'name',
  },
  SECRET_UNKNOWN: {
    message: 'There is no secret {name}.',
    expected: '{nearest} An operator puts it in; `polku run` takes it from the environment: POLKU_SECRET_{name}.',
    status: 422,
  },
  SECRET_MISPLACED: {
    message: 'A secret cannot stand here: {reason}.',
    expected: 'A secret in a setting of `with:` that is a text, such as a password or a key.',
    status: 422,
  },
  SECRET_INVALID: {
    message: 'The secret {name} cannot be used: {reason}.',
    expected: 'A text of 8 to 10,000 characters; a shorter one could not be kept out of what a run tells.',
    status: 422,
  },
  SECRET_KEY_INVALID: {
    message: 'The key that encrypts secrets is not right.',
    expected:
      'POLKU_SECRET_KEY with 32 bytes as base64, as `openssl rand -base64 32` gives; several with commas between.',
    status: 422,
  },
  SECRET_KEY_OPEN: {
    message: 'Others can read the key that encrypts secrets: {file}.',
    expected: 'A file that only the user of the service reads: chmod 600.',
    status: 422,
  },
  SECRET_KEY_WRONG: {
    message: 'The secret {name} was encrypted with the key {id}, and this service has {ids}.',
    expected:
      'The key it was encrypted with in POLKU_SECRET_KEY, after the new one and a comma; or the secret put in anew.',
    status: 500,
  },
} as const satisfies ErrorEntries

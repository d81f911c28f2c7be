import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { PolkuError } from '../../errors/errors.ts'
import { NotebookError } from '../api/notebook-error.ts'
import type { Content } from '../wire.ts'

/** The way to the person at the notebook, shared with the thread of the sockets. */
export interface InputLink {
  /** Where answers come, as texts. */
  readonly answers: MessagePort
  /** 1 once an answer has come. */
  readonly answered: Int32Array
}

/**
 * Asks the person at the notebook and waits for the answer, as browsers do: `const name = prompt('Whose?')`. An empty
 * answer is `preset`. Throws INPUT_UNATTENDED where nobody is there.
 */
type Prompt = (message?: string, preset?: string) => string

/** The `prompt` of cells. `isAttended` is asked at each use, `request` sends the content of an input_request. */
export const createPrompt =
  ({ answers, answered }: InputLink, isAttended: () => boolean, request: (content: Content) => void): Prompt =>
  (message = '', preset = '') => {
    if (!isAttended()) throw unattended()
    // What came too late for a prompt that was interrupted is no answer to this one.
    while (receiveMessageOnPort(answers)) Atomics.store(answered, 0, 0)
    Atomics.store(answered, 0, 0)
    const label = [String(message), preset === '' ? '' : `[${preset}]`].filter((part) => part !== '').join(' ')
    request({ prompt: label === '' ? '' : `${label} `, password: false })
    // In short waits, so that an interrupt comes through.
    while (Atomics.load(answered, 0) === 0) Atomics.wait(answered, 0, 0, 50)
    const text: unknown = receiveMessageOnPort(answers)?.message
    return typeof text === 'string' && text !== '' ? text : String(preset)
  }

function unattended(): NotebookError {
  const error = new NotebookError([new PolkuError('INPUT_UNATTENDED').toProblem()])
  error.calledFrom(error.stack)
  return error
}

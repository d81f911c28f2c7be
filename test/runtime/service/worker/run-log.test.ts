import { expect, test } from 'vitest'
import { RunLog } from '../../../../runtime/service/worker/run-log.ts'

const secret = 'hush hush, Helsinki'

test('what a process prints is logged without its secrets, also where a line is cut', () => {
  const lines: { text?: string }[] = []
  const log = { info: (detail: object) => lines.push(detail), warn: (detail: object) => lines.push(detail), error() {} }
  const runLog = new RunLog(log, { client: 'first', id: 'a-run' }, { KEY: { value: secret, fingerprint: 'f' } })
  // As Node writes an error that nobody caught, past all that JavaScript can patch.
  runLog.printed({ stream: 'stderr', line: `Error: https://u:${encodeURIComponent(secret)}@host` })
  runLog.printed({ stream: 'stdout', line: `${'x'.repeat(3990)}${secret}` })
  expect(lines).toHaveLength(2)
  expect(lines[0]?.text).toBe('Error: https://u:${secret.KEY}@host')
  expect(lines[1]?.text).toMatch(/^x{3990}\$\{secret\./)
  expect(lines[1]?.text?.length).toBe(4001)
})

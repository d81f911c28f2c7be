import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Adds to the client.yaml of an invented client. */
export const appendClient = (folder: string, client: string, text: string): void =>
  appendFileSync(join(folder, client, 'client.yaml'), text)

/** The folder that a run of the flow `two` leaves, last written at `at`. */
export function writeRun(folder: string, client: string, id: string, status: string, at: Date): void {
  const file = join(folder, client, '.polku', 'runs', id)
  mkdirSync(file, { recursive: true })
  writeFileSync(join(file, 'run.json'), JSON.stringify({ run: id, flow: 'two', status, steps: [] }))
  for (const path of [join(file, 'run.json'), file]) utimesSync(path, at, at)
}

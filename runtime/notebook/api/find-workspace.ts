import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The workspace of a notebook in `folder`: the one that whoever runs it names, or the nearest folder upwards with a client.yaml. */
export function findWorkspace(folder: string, { POLKU_WORKSPACE: named }: NodeJS.ProcessEnv): string | undefined {
  if (named) return resolve(named)
  for (let place = resolve(folder); ; place = dirname(place)) {
    if (existsSync(join(place, 'client.yaml'))) return place
    if (place === dirname(place)) return undefined
  }
}

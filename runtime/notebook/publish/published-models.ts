import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// How the process that runs a notebook learns which models its kernel published.

const modelList = 'models.txt'

/** Notes in the folder of a run that it published a model. */
export function recordModel(out: string, reference: string): void {
  mkdirSync(out, { recursive: true })
  appendFileSync(join(out, modelList), `${reference}\n`)
}

/** The models that a run published, each once. */
export function publishedModels(out: string): string[] {
  const file = join(out, modelList)
  if (!existsSync(file)) return []
  return [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))]
}

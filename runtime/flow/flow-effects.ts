import { posix } from 'node:path'
import { settingTexts } from '../catalogue/annotations.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { shapeFaults } from '../data/shape.ts'
import { PolkuError } from '../errors/errors.ts'
import type { Flow, FlowTrigger } from './schema.ts'

/** What a flow changes outside its run, as far as its file tells. */
interface Effects {
  readonly datasets: readonly string[]
  /** Files and folders of the workspace. */
  readonly paths: readonly string[]
}

/** What the steps of a flow write. Steps whose node cannot be loaded are passed over: they are told where they are checked. */
async function effectsOf(flow: Flow, catalogue: Catalogue): Promise<Effects> {
  const datasets: string[] = []
  const paths: string[] = []
  for (const { uses = '', with: raw } of Object.values(flow.steps)) {
    try {
      const { definition } = await catalogue.load(uses)
      const settings = structuredClone(raw ?? {})
      shapeFaults(definition.params, settings) // for its defaults
      for (const { annotation, value } of settingTexts(definition.params, settings)) {
        if (annotation?.kind === 'dataset' && annotation.mode === 'write') datasets.push(value)
        if (annotation?.kind === 'path' && annotation.mode === 'write') paths.push(posix.normalize(value))
      }
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
    }
  }
  return { datasets, paths }
}

/** Whether the name of a file fits a pattern, in which * stands for any signs and ? for one. */
export function fitsPattern(name: string, pattern: string): boolean {
  const signs = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${signs.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su').test(name)
}

function mayStart(trigger: FlowTrigger, name: string, { datasets, paths }: Effects): boolean {
  if (trigger.flow !== undefined) return trigger.flow === name
  if (trigger.dataset !== undefined) return datasets.includes(trigger.dataset)
  const { dir, base } = posix.parse(posix.normalize(trigger.file ?? ''))
  return paths.some((path) => {
    const written = posix.parse(path)
    return `${dir}/`.startsWith(`${path}/`) || (written.dir === dir && fitsPattern(written.base, base))
  })
}

/**
 * The circle through the flow `name` in which each flow's end, datasets or files start the next; undefined where there
 * is none. `flows` are all of the client, by name.
 */
export async function triggerCircle(
  name: string,
  flows: ReadonlyMap<string, Flow>,
  catalogue: Catalogue,
): Promise<string[] | undefined> {
  const effects = new Map<string, Effects>()
  const triggered = [...flows].filter(([, { triggers = [] }]) => triggers.length > 0)
  const visited = new Set<string>()
  const visit = async (at: string, trail: readonly string[]): Promise<string[] | undefined> => {
    const flow = flows.get(at)
    if (!flow || visited.has(at)) return undefined
    visited.add(at)
    const written = effects.get(at) ?? (await effectsOf(flow, catalogue))
    effects.set(at, written)
    for (const [next, { triggers = [] }] of triggered) {
      if (!triggers.some((trigger) => mayStart(trigger, at, written))) continue
      if (next === name) return [...trail, at, name]
      const circle = await visit(next, [...trail, at])
      if (circle) return circle
    }
    return undefined
  }
  return visit(name, [])
}

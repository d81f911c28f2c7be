import { resolve } from 'node:path'
import type { Preprocessing } from '../../../nodes/lib/features.ts'
import { PolkuError } from '../../errors/errors.ts'
import { evidenceHash, evidencePath } from '../../model/approval.ts'
import type { GivenTable } from '../api/result.ts'
import type { StoredTable } from '../api/stored-table.ts'

/** What a reviewer needs to know of a model beside the model itself. */
export interface CardInput {
  /** The table it learnt from; its first rows are scored in the notebook and as in a flow. */
  readonly data: GivenTable
  /** How good it is: name to value, on customers it had not seen. */
  readonly metrics?: Readonly<Record<string, number>>
  /** What it is for. */
  readonly intendedUse?: string
  /** Where it must not be used. */
  readonly limits?: string
  /** What the notebook's model gives to the rows of `data`, in their order, where the notebook computes it in its own way. */
  readonly scores?: ArrayLike<number>
}

/** @internal */
interface CardContext<G extends CardInput> {
  readonly name: string
  readonly input: G
  readonly data: StoredTable
  /** The notebook's file, where it is known. */
  readonly notebook: string | undefined
  /** The workspace's folder. */
  readonly root: string
}

type Card = Readonly<Record<string, unknown>>

/** @internal The card of a LayersModel, in the form that predict/train writes: Mitchell et al. 2019, "Model cards for model reporting", FAT* '19. */
export function layersCard(
  context: CardContext<CardInput> & { readonly preprocessing: Preprocessing; readonly scores: Float64Array },
): Card {
  const { name, input, preprocessing, data, scores } = context
  const of = (kind: string) => preprocessing.features.filter((one) => one.kind === kind).map(({ column }) => column)
  const text = (setting: 'intendedUse' | 'limits') => {
    const value = input[setting]
    if (typeof value === 'string' && value.trim() !== '') return value
    const right = `${setting}: '…', in a sentence for whoever approves it`
    throw new PolkuError('MODEL_MISFIT', { model: name, reason: `its ${setting} is not said`, right })
  }
  const sorted = scores.toSorted()
  return {
    data: { customers: data.rows, snapshot: data.hash },
    columns: { numeric: of('numeric'), categorical: of('categorical'), constant: [] },
    method: { kind: 'layers' },
    metrics: metricsOf(name, input.metrics) ?? {},
    validation: 'as said in the notebook',
    // Rounded, so that another processor's last digit makes no new version.
    deciles: Array.from({ length: 9 }, (_, index) =>
      Number((sorted[Math.floor(((index + 1) * sorted.length) / 10)] ?? 0).toFixed(6)),
    ),
    intendedUse: text('intendedUse'),
    limits: text('limits'),
    provenance: provenanceOf(context),
  }
}

/** @internal The card that predict/train wrote, with what the notebook adds. */
export function trainedCard({ card, ...context }: CardContext<CardInput> & { readonly card: Card }): Card {
  const { name, input, data } = context
  const { intendedUse = card.intendedUse, limits = card.limits } = input
  const before = card.data !== null && typeof card.data === 'object' ? card.data : {}
  return {
    ...card,
    data: { ...before, snapshot: data.hash },
    metrics: metricsOf(name, input.metrics) ?? card.metrics,
    intendedUse,
    limits,
    provenance: provenanceOf(context),
  }
}

function metricsOf(model: string, metrics: CardInput['metrics']): CardInput['metrics'] {
  for (const [name, value] of Object.entries(metrics ?? {}))
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new PolkuError('MODEL_MISFIT', {
        model,
        reason: `its metric ${name} is ${value}`,
        right: 'A finite number',
      })
  return metrics
}

/** The notebook and the data snapshot as they are now: what an approval rests on. */
function provenanceOf({ notebook, data, root }: CardContext<CardInput>): Card {
  const evidence = (path: string) => ({ path: evidencePath(root, path), hash: evidenceHash(path) })
  const file = notebook && resolve(notebook)
  // A notebook that was never saved is nowhere.
  const saved = file && evidenceHash(file) !== undefined ? evidence(file) : undefined
  return { ...(saved ? { notebook: saved } : {}), data: [evidence(data.path)] }
}

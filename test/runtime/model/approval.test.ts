import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ModelContent } from '../../../nodes/node.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { evidenceHash, hashOf, notebookHash } from '../../../runtime/model/approval.ts'
import { approvalEvidence, type Provenance } from '../../../runtime/model/provenance.ts'
import { ModelRegistry, type StoredModel } from '../../../runtime/model/registry.ts'
import { withWorkspace } from '../../workspace.ts'
import { approval } from './approving.ts'

const content = (weight: number, card: Record<string, unknown> = {}): ModelContent => ({
  kind: 'logistic',
  target: { column: 'churned', positive: 'yes' },
  preprocessing: { features: [] },
  parameters: { intercept: weight, coefficients: [] },
  card,
})

const notebook = (cells: readonly Record<string, unknown>[]): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells })
const cell = (source: string | string[], more: Record<string, unknown> = {}) => ({
  cell_type: 'code',
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
  ...more,
})

/** A model `churn@1` that was approved on a report, a notebook and a file of data. */
const withApproved = (work: (registry: ModelRegistry, root: string) => void) =>
  withWorkspace(async (root) => {
    const models = join(root, 'models')
    const registry = new ModelRegistry(models)
    registry.publish('churn', content(1))
    const approved = approval(models, registry, 'churn', 1)
    writeFileSync(join(root, 'train.ipynb'), notebook([cell('const a = 1')]))
    const evidence = (['notebook', 'data'] as const).map((kind) => {
      const path = kind === 'data' ? 'data/customers.csv' : 'train.ipynb'
      return { kind, path, hash: evidenceHash(join(root, path)) ?? '' }
    })
    registry.setStage('churn', { ...approved, evidence: [...approved.evidence, ...evidence] })
    expect(registry.load('churn@approved').version).toBe(1)
    work(registry, root)
  })

const refusal = (work: () => unknown): PolkuError => {
  try {
    work()
  } catch (error) {
    if (error instanceof PolkuError) return error
    throw error
  }
  throw new Error('Nothing was refused.')
}

describe('an approval lapses when', () => {
  const changes: [string, (root: string) => void, string][] = [
    [
      'the report changes',
      (root) => writeFileSync(join(root, 'churn-1.html'), 'other'),
      'the report churn-1.html changed',
    ],
    ['the report goes', (root) => rmSync(join(root, 'churn-1.html')), 'the report churn-1.html is gone'],
    [
      'the notebook changes',
      (root) => writeFileSync(join(root, 'train.ipynb'), notebook([cell('const a = 2')])),
      'the notebook train.ipynb changed',
    ],
    [
      'the notebook is none any more',
      (root) => writeFileSync(join(root, 'train.ipynb'), '{'),
      'the notebook train.ipynb changed',
    ],
    [
      'the data change',
      (root) => writeFileSync(join(root, 'data/customers.csv'), 'customer_id\n1\n'),
      'the data data/customers.csv changed',
    ],
  ]
  test.each(changes)('%s', (_, change, reason) =>
    withApproved((registry, root) => {
      change(root)
      const error = refusal(() => registry.load('churn@approved'))
      expect(error.code).toBe('MODEL_APPROVAL_LAPSED')
      expect(error.message).toBe(`The approval of churn@1 by Aino Esimerkki no longer holds: ${reason}.`)
      expect(error.toProblem().expected).toContain('polku approve model churn@1 --report FILE --by NAME')
      expect(registry.approvals('churn', 1)).toMatchObject([{ lapsed: [reason] }])
      // Nothing else stops working.
      expect(registry.load('churn@1').version).toBe(1)
    }),
  )

  test('the model is another one under its number', () =>
    withApproved((registry, root) => {
      const path = join(root, 'models', 'churn', '1', 'model.json')
      rmSync(dirname(path), { recursive: true })
      registry.publish('churn', content(2))
      expect(refusal(() => registry.load('churn@approved')).values.reason).toBe('the model changed')
    }))

  test('a weight was changed by hand: the model itself is damaged then', () =>
    withApproved((registry, root) => {
      const path = join(root, 'models', 'churn', '1', 'model.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('"intercept": 1', '"intercept": 1.5'))
      expect(refusal(() => registry.load('churn@approved')).code).toBe('MODEL_DAMAGED')
    }))

  test('it was given before approvals named a report', () =>
    withApproved((registry, root) => {
      const stage = { version: 1, stage: 'approved', by: 'Eero Malli', at: '2025-01-01T00:00:00Z' }
      writeFileSync(join(root, 'models', 'churn', 'stages', '000001.json'), JSON.stringify(stage))
      expect(refusal(() => registry.load('churn@approved')).values.reason).toContain('it names no report')
    }))
})

describe('an approval holds', () => {
  test('again when what had changed is as it was', () =>
    withApproved((registry, root) => {
      const file = join(root, 'data/customers.csv')
      const before = readFileSync(file)
      writeFileSync(file, 'customer_id\n')
      expect(refusal(() => registry.load('churn@approved')).code).toBe('MODEL_APPROVAL_LAPSED')
      writeFileSync(file, before)
      expect(registry.load('churn@approved').version).toBe(1)
    }))

  test('when a lapsed version is approved anew, and a lapsed one gives way to no older one unseen', () =>
    withApproved((registry, root) => {
      const models = join(root, 'models')
      registry.publish('churn', content(2))
      registry.setStage('churn', approval(models, registry, 'churn', 2))
      expect(registry.load('churn@approved').version).toBe(2)
      writeFileSync(join(root, 'churn-2.html'), 'another')
      expect(refusal(() => registry.load('churn@approved')).values.model).toBe('churn@2')
      registry.setStage('churn', approval(models, registry, 'churn', 2))
      expect(registry.load('churn@approved').version).toBe(2)
    }))

  test('as long as one of several stands', () =>
    withApproved((registry, root) => {
      const other = { ...approval(join(root, 'models'), registry, 'churn', 1), by: 'Eero Malli' }
      registry.setStage('churn', other)
      rmSync(join(root, 'data/customers.csv'))
      expect(registry.approvals('churn', 1).map(({ by, lapsed }) => [by, lapsed.length])).toEqual([
        ['Aino Esimerkki', 1],
        ['Eero Malli', 0],
      ])
      expect(registry.load('churn@approved').version).toBe(1)
    }))
})

describe('a notebook', () => {
  const source = cell('const a = 1\nconst b = 2')
  const hash = notebookHash(notebook([source]))
  test('is the same with its outputs, its text in lines and values injected', () => {
    expect(notebookHash(notebook([{ ...source, outputs: [{ output_type: 'stream' }], execution_count: 7 }]))).toBe(hash)
    expect(notebookHash(notebook([cell(['const a = 1\n', 'const b = 2'])]))).toBe(hash)
    const values = cell('a = 3', { metadata: { tags: ['injected-parameters'] } })
    expect(notebookHash(notebook([source, values]))).toBe(hash)
  })
  test.each([
    ['another text', [cell('const a = 2')]],
    ['a cell more', [source, cell('')]],
    ['another kind of cell', [{ ...source, cell_type: 'markdown' }]],
    ['another tag', [{ ...source, metadata: { tags: ['pure'] } }]],
  ])('is another with %s', (_, cells) => expect(notebookHash(notebook(cells))).not.toBe(hash))
  test.each(['', '{', 'null', '[]', '{"cells": 1}', '{"cells": [null]}'])('%j has a hash too', (text) =>
    expect(notebookHash(text)).toMatch(/^[0-9a-f]{64}$/),
  )
})

describe('what is no regular file', () => {
  test('is no evidence and is never waited for: neither a device, nor a pipe, nor a folder', () =>
    withWorkspace(async (root) => {
      const inRoot = (name: string) => join(root, name)
      for (const pipe of ['pipe', 'pipe.ipynb']) execFileSync('mkfifo', [inRoot(pipe)])
      for (const folder of ['folder', 'folder.ipynb']) mkdirSync(inRoot(folder))
      for (const path of ['/dev/zero', ...['pipe', 'pipe.ipynb', 'folder', 'folder.ipynb'].map(inRoot)]) {
        expect(evidenceHash(path), path).toBeUndefined()
        expect(refusal(() => hashOf(path)).code, path).toBe('FILE_UNREADABLE')
      }
    }))
})

describe('the evidence of an approval', () => {
  const report = { path: 'report.html', hash: 'a'.repeat(64) }
  const withModel = (
    card: Record<string, unknown>,
    work: (model: StoredModel, root: string, hashOf: (path: string) => string) => void,
  ) =>
    withWorkspace(async (root) => {
      const registry = new ModelRegistry(join(root, 'models'))
      registry.publish('churn', content(1, card))
      work(registry.load('churn@1'), root, (path) => evidenceHash(join(root, path)) ?? '')
    })
  const data = (path: string, hash: string): Provenance => ({ evidence: [{ kind: 'data', path, hash }] })

  test('is the report and what it and the card name, each once, with whole hashes', () =>
    withModel({}, (model, root, hashOf) => {
      const orders = hashOf('data/orders.csv')
      const customers = hashOf('data/customers.csv')
      const provenance = { data: [{ path: 'data/orders.csv', hash: orders }] }
      const stored = { ...model, card: { provenance } }
      const origin = data('data/customers.csv', customers.slice(0, 16))
      expect(approvalEvidence(root, stored, report, origin)).toEqual([
        { kind: 'report', ...report },
        { kind: 'data', path: 'data/customers.csv', hash: customers },
        { kind: 'data', path: 'data/orders.csv', hash: orders },
      ])
    }))

  test('of a changed or lost file is refused', () =>
    withModel({}, (model, root) => {
      const changed = refusal(() => approvalEvidence(root, model, report, data('data/orders.csv', 'b'.repeat(64))))
      expect([changed.code, changed.message]).toEqual([
        'EVIDENCE_CHANGED',
        'The report report.html is of another state of the data data/orders.csv, which has changed since.',
      ])
      const gone = refusal(() => approvalEvidence(root, model, report, data('data/none.csv', 'b'.repeat(64))))
      expect(gone.message).toContain('which has gone since')
    }))

  test('is refused where the report is of other models, or nothing tells the data', () =>
    withModel({}, (model, root, hashOf) => {
      const origin = data('data/orders.csv', hashOf('data/orders.csv'))
      const other = [{ reference: 'churn@2' }]
      expect(refusal(() => approvalEvidence(root, model, report, { ...origin, models: other })).message).toContain(
        'it speaks of churn@2',
      )
      const draft = { ...origin, models: [{ reference: 'churn@draft', hash: model.hash }] }
      expect(approvalEvidence(root, model, report, draft)).toHaveLength(2)
      const forged = [{ reference: 'churn@1', hash: 'another' }]
      expect(refusal(() => approvalEvidence(root, model, report, { ...origin, models: forged })).code).toBe(
        'REPORT_UNRELATED',
      )
      expect(refusal(() => approvalEvidence(root, model, report, { ...origin, models: [] })).message).toContain(
        'it speaks of no model',
      )
      expect(refusal(() => approvalEvidence(root, model, report, undefined)).message).toContain('what data')
    }))

  test.each([
    [{ provenance: 7 }],
    [{ provenance: { data: 'x', notebook: null } }],
    [{ provenance: { data: [{ path: 1 }] } }],
  ])('is not taken from the odd card %j', (card) =>
    withModel(card, (model, root) =>
      expect(refusal(() => approvalEvidence(root, model, report, undefined)).code).toBe('REPORT_UNRELATED'),
    ),
  )
})

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ModelContent } from '../../../nodes/node.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { ModelRegistry } from '../../../runtime/model/registry.ts'
import { withWorkspace } from '../../workspace.ts'
import { approval } from './approving.ts'

const content = (weight: number): ModelContent => ({
  kind: 'logistic',
  target: { column: 'churned', positive: 'yes' },
  preprocessing: { columns: [] },
  parameters: { weights: [weight, 0.1] },
  card: { metrics: { auc: 0.8 } },
})

const withRegistry = (work: (registry: ModelRegistry, folder: string) => void) =>
  withWorkspace(async (root) => work(new ModelRegistry(join(root, 'models')), join(root, 'models')))

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof PolkuError) return error.code
    throw error
  }
  return 'none'
}

const retirement = (version: number) => ({ version, stage: 'retired' as const, by: 'Aino', at: '2026-10-01T00:00:00Z' })

describe('versions', () => {
  test('are numbered from one; equal content is the version that is there', () =>
    withRegistry((registry, folder) => {
      expect(registry.publish('churn', content(1))).toMatchObject({ version: 1 })
      expect(registry.publish('churn', content(2))).toMatchObject({ version: 2 })
      expect(registry.publish('churn', content(1))).toMatchObject({ version: 1 })
      expect(registry.publish('value', content(1))).toMatchObject({ version: 1 })
      expect(registry.names).toEqual(['churn', 'value'])
      expect(registry.versions('churn')).toEqual([1, 2])
      expect(registry.load('churn@2')).toMatchObject({ name: 'churn', version: 2, ...content(2) })
      expect(registry.load('churn@draft').version).toBe(2)
      expect(readdirSync(join(folder, 'churn')).sort()).toEqual(['1', '2'])
    }))

  test('order as numbers, past nine', () =>
    withRegistry((registry) => {
      for (let weight = 1; weight <= 11; weight += 1) registry.publish('churn', content(weight))
      expect(registry.versions('churn')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      expect(registry.load('churn@draft').version).toBe(11)
    }))

  test('keep every digit of their numbers', () =>
    withRegistry((registry) => {
      const exact = { ...content(0), parameters: [0.1 + 0.2, 5e-324, Number.MAX_VALUE, -1 / 3] }
      registry.publish('churn', exact)
      expect(registry.load('churn@1').parameters).toEqual(exact.parameters)
    }))

  test('that another process takes in between leave no hole and no loss', () =>
    withRegistry((registry, folder) => {
      registry.publish('churn', content(1))
      // The place of version 2 is taken by a competitor after this one has looked.
      const looked = registry.versions('churn')
      const slow = new ModelRegistry(folder)
      let first = true
      slow.versions = (name) => {
        if (!first) return ModelRegistry.prototype.versions.call(slow, name)
        first = false
        return looked
      }
      registry.publish('churn', content(2))
      expect(slow.publish('churn', content(3))).toMatchObject({ version: 3 })
      expect(registry.load('churn@2').parameters).toEqual(content(2).parameters)
    }))
})

describe('stages', () => {
  test('approved means the latest approval that still stands', () =>
    withRegistry((registry, folder) => {
      for (const weight of [1, 2, 3]) registry.publish('churn', content(weight))
      expect(codeOf(() => registry.load('churn@approved'))).toBe('MODEL_NOT_APPROVED')
      registry.setStage('churn', approval(folder, registry, 'churn', 2))
      expect(registry.load('churn@approved').version).toBe(2)
      registry.setStage('churn', approval(folder, registry, 'churn', 3))
      expect(registry.load('churn@approved').version).toBe(3)
      registry.setStage('churn', retirement(3))
      expect(registry.load('churn@approved').version).toBe(2)
      registry.setStage('churn', approval(folder, registry, 'churn', 1))
      expect(registry.load('churn@approved').version).toBe(1)
      for (const version of [1, 2]) registry.setStage('churn', retirement(version))
      expect(codeOf(() => registry.load('churn@approved'))).toBe('MODEL_NOT_APPROVED')
      expect(registry.stages('churn').map((event) => event.version)).toEqual([2, 3, 3, 1, 1, 2])
    }))

  test('of what is not there are refused, with what there is', () =>
    withRegistry((registry, folder) => {
      registry.publish('churn', content(1))
      const unknown = { ...approval(folder, registry, 'churn', 1), version: 2 }
      expect(codeOf(() => registry.setStage('churn', unknown))).toBe('MODEL_UNKNOWN')
      expect(codeOf(() => registry.load('chrun@1'))).toBe('MODEL_UNKNOWN')
      expect(() => registry.load('chrun@1')).toThrow(
        expect.objectContaining({ values: expect.objectContaining({ nearest: 'Did you mean churn?' }) }),
      )
      expect(() => registry.load('churn@7')).toThrow(
        expect.objectContaining({ values: expect.objectContaining({ nearest: 'Versions: 1.' }) }),
      )
    }))
})

describe('damage', () => {
  const damaged = (harm: (file: string) => void) =>
    withRegistry((registry, folder) => {
      registry.publish('churn', content(1))
      harm(join(folder, 'churn', '1', 'model.json'))
      expect(codeOf(() => registry.load('churn@1'))).toBe('MODEL_DAMAGED')
    })

  test('by another weight is noticed', () =>
    damaged((file) => writeFileSync(file, readFileSync(file, 'utf8').replace('0.1', '0.2'))))
  test('by a cut is noticed', () => damaged((file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20))))
  test('by a lost file is noticed', () => damaged((file) => rmSync(file)))
  test('by a file that is no model is noticed', () => damaged((file) => writeFileSync(file, '[1, 2]')))
  test('by a file that is nothing is noticed', () => damaged((file) => writeFileSync(file, 'null')))

  test('of one version stops neither a new one nor the others', () =>
    withRegistry((registry, folder) => {
      registry.publish('churn', content(1))
      writeFileSync(join(folder, 'churn', '1', 'model.json'), '{')
      expect(registry.publish('churn', content(2))).toMatchObject({ version: 2 })
      expect(registry.load('churn@draft').version).toBe(2)
    }))

  test('is not what a foreign folder is', () =>
    withRegistry((registry, folder) => {
      registry.publish('churn', content(1))
      mkdirSync(join(folder, 'churn', 'notes'))
      mkdirSync(join(folder, 'empty'))
      expect(registry.versions('churn')).toEqual([1])
      expect(registry.names).toEqual(['churn'])
    }))
})

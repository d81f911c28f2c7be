import { describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import {
  asOfDate,
  column,
  columns,
  datasetName,
  defineNode,
  expression,
  filePath,
  input,
  modelReference,
  type NodeDefinition,
  settings,
  Type,
} from '../../../nodes/node.ts'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { type BindServices, bindStep, filesRead, missingFile, nodeSettings } from '../../../runtime/step/bind.ts'
import { Secrets } from '../../../runtime/step/secrets.ts'
import { withWorkspace } from '../../workspace.ts'

const definition = defineNode({
  title: 'Everything',
  summary: 'Has a setting of every kind.',
  inputs: { orders: input('Orders') },
  params: settings({
    customer: column('orders', { default: 'customer_id' }),
    others: Type.Optional(columns('orders')),
    measures: Type.Optional(Type.Record(Type.String(), expression('orders'))),
    path: Type.Optional(filePath()),
    out: Type.Optional(filePath({ mode: 'write' })),
    from: Type.Optional(datasetName()),
    model: Type.Optional(modelReference()),
    asOf: asOfDate(),
    also: Type.Optional(Type.Union([Type.Number(), Type.Object({ since: asOfDate() })])),
    address: Type.Optional(Type.Record(Type.String(), Type.String())),
    length: Type.Optional(Type.String({ minLength: 10 })),
  }),
  outputs: { rows: 'Rows' },
  run: () => sql`select 1`,
})
const node = { name: 'enrich/everything', file: '', code: 'c', definition: definition as unknown as NodeDefinition } // the narrower types of one node

const position = (path: readonly (string | number)[]) => ({ step: path.join('.') })

const secrets = new Secrets({ KEY: { value: 'sala sana 12', fingerprint: 'f' } })

/** The work of one test: binds settings in a workspace where only churn@1 is a model. */
const withBinding = (
  work: (
    bind: (
      written: Record<string, unknown>,
      more?: Partial<BindServices> & { unresolved?: string[] },
    ) => ReturnType<typeof bindStep>,
    root: string,
  ) => void,
) =>
  withWorkspace(async (root) => {
    const workspace = Workspace.open(root)
    const resolveModel = (reference: string) => {
      if (reference !== 'churn@1') throw new PolkuError('MODEL_UNKNOWN', { model: reference, actual: reference })
    }
    work(
      (written, { unresolved, ...services } = {}) =>
        bindStep(
          { node, settings: written, asOf: '2026-10-31', position, unresolved },
          { workspace, resolveModel, ...services },
        ),
      root,
    )
  })

const codes = ({ faults }: ReturnType<typeof bindStep>) =>
  faults.map(({ code, position }) => `${code} ${position.step}`)

describe('one walk over settings gives', () => {
  test('what they name and where, dates resolved, defaults filled', () =>
    withBinding((bind) => {
      const written = {
        others: ['a', 'b'],
        measures: { spend: 'sum' },
        path: 'data/orders.csv',
        out: 'out',
        from: 'history',
        model: 'churn@1',
        also: { since: '-1 month' },
        length: 'no name of anything',
      }
      const { step, faults } = bind(written)
      expect(faults).toEqual([])
      expect(step.settings).toEqual({
        ...written,
        customer: 'customer_id',
        asOf: '2026-10-31',
        also: { since: '2026-09-30' },
      })
      expect(
        new Set(step.named.map(({ annotation, path, value }) => `${annotation.kind} ${path.join('.')} ${value}`)),
      ).toEqual(
        new Set([
          'column customer customer_id',
          'column others.0 a',
          'column others.1 b',
          'expression measures.spend sum',
          'path path data/orders.csv',
          'path out out',
          'dataset from history',
          'model model churn@1',
          'asOf asOf 2026-10-31',
          'asOf also.since 2026-09-30',
        ]),
      )
      expect(filesRead(step).map(({ value }) => value)).toEqual(['data/orders.csv'])
      expect(written).not.toHaveProperty('customer')
      expect(written.also.since).toBe('-1 month')
    }))

  test('every fault that needs no table, at its place', () =>
    withBinding((bind) => {
      expect(codes(bind({ path: '../x', out: '/x', model: 'none@1', asOf: '2026-02-30' }))).toEqual([
        'PATH_OUTSIDE path',
        'PATH_OUTSIDE out',
        'MODEL_UNKNOWN model',
        'SETTING_INVALID asOf',
      ])
      // What has the wrong shape is looked at no further.
      expect(codes(bind({ path: '../x', length: 'short', unknown: 1, from: 'No Name' })).toSorted()).toEqual([
        'SETTING_INVALID from',
        'SETTING_INVALID length',
        'SETTING_UNKNOWN unknown',
      ])
    }))

  test('nothing of a setting whose value is missing for another reason, and only shapes beside it', () =>
    withBinding((bind) => {
      const written = { length: '', from: 'No Name', path: '../x' }
      expect(codes(bind(written, { unresolved: ['length'] }))).toEqual(['SETTING_INVALID from'])
      expect(codes(bind({ length: '', path: '../x' }, { unresolved: ['length'] }))).toEqual([])
    }))

  test('the secrets that are named, in values and in names of fields', () =>
    withBinding((bind) => {
      const written = { address: { '${secret.KEY}': 'x', to: 'a ${ secret.OTHER }' }, length: '${secret.KEY}' }
      expect(bind(written, { secrets }).step.secrets.toSorted()).toEqual(['KEY', 'OTHER'])
      expect(bind(written).step.secrets).toEqual([])
    }))

  test('secrets that are misplaced, before all else; their shape is that of their value', () =>
    withBinding((bind) => {
      const written = { length: '${secret.KEY}', customer: '${secret.KEY}', path: 'data/${secret.KEY}', more: 1 }
      expect(codes(bind(written, { secrets }))).toEqual([
        'SECRET_MISPLACED customer',
        'SECRET_MISPLACED path',
        'SETTING_UNKNOWN more',
      ])
      const short = new Secrets({ KEY: { value: 'sala', fingerprint: 'f' } })
      expect(codes(bind({ length: '${secret.KEY}' }, { secrets: short }))).toEqual(['SETTING_INVALID length'])
    }))
})

describe('a bound step', () => {
  test('gives the node absolute paths and the values of secrets, and keeps its own settings', () =>
    withBinding((bind, root) => {
      const { step } = bind({ path: 'data/orders.csv', address: { to: '${secret.KEY}' } }, { secrets })
      const received = nodeSettings(step, Workspace.open(root), secrets)
      expect(received).toMatchObject({
        path: `${Workspace.open(root).root}/data/orders.csv`,
        address: { to: 'sala sana 12' },
      })
      expect(step.settings).toMatchObject({ path: 'data/orders.csv', address: { to: '${secret.KEY}' } })
    }))

  test('says which file it would read in vain', () =>
    withBinding((bind, root) => {
      const { step } = bind({ path: 'data/order.csv' })
      expect(missingFile(step, Workspace.open(root))).toMatchObject({
        path: ['path'],
        error: { code: 'FILE_NOT_FOUND' },
      })
      expect(missingFile(bind({ path: 'data/orders.csv' }).step, Workspace.open(root))).toBeUndefined()
    }))
})

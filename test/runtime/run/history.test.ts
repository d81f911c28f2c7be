import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { RunFolder } from '../../../runtime/run/folder.ts'
import { FlowHistory } from '../../../runtime/run/history.ts'
import type { Ingredients } from '../../../runtime/step/key.ts'
import { withWorkspace } from '../../workspace.ts'

const ingredientsOf = (code: string): Ingredients => ({
  node: 'enrich/scale',
  code,
  settings: {},
  inputs: {},
  sources: {},
  seed: 1,
  currency: 'EUR',
  engine: '1',
})

const idOf = (number: number, flow = 'campaign') => `20261001-${String(number).padStart(9, '0')}-${flow}-abcd`
const request = { flowFile: 'flows/campaign.yaml', params: {}, asOf: '2026-10-01' }

const withRuns = (
  work: (context: {
    list: string
    add: (number: number, step?: string) => RunFolder
    root: string
    begin: (number: number) => FlowHistory
  }) => void,
) =>
  withWorkspace(async (root) => {
    const workspace = Workspace.open(root)
    mkdirSync(join(root, '.polku', 'tmp'), { recursive: true })
    work({
      root,
      list: join(root, '.polku', 'history', 'campaign.txt'),
      begin: (number) => FlowHistory.begin(workspace, 'campaign', idOf(number)),
      add: (number, step = 'scaled') => {
        const folder = new RunFolder(workspace, idOf(number))
        folder.create(request)
        folder.writeIngredients(step, ingredientsOf(`code ${number}`))
        return folder
      },
    })
  })

test('the latest earlier run that worked on a step is found, however many runs worked on others', () =>
  withRuns(({ add, begin }) => {
    expect(begin(1).ingredients('scaled')).toBeUndefined()
    add(1)
    begin(2)
    add(2, 'orders')
    const third = begin(3)
    expect(third.ingredients('scaled')).toEqual({ run: idOf(1), ingredients: ingredientsOf('code 1') })
    expect(third.ingredients('orders')).toEqual({ run: idOf(2), ingredients: ingredientsOf('code 2') })
    expect(third.ingredients('other')).toBeUndefined()
  }))

test('a run that is gone on with is listed once, and neither itself nor later runs count as earlier', () =>
  withRuns(({ add, begin, list }) => {
    for (const number of [1, 2, 3]) {
      begin(number)
      add(number)
    }
    expect(begin(2).ingredients('scaled')?.run).toBe(idOf(1))
    expect(readFileSync(list, 'utf8').trim().split('\n')).toEqual([1, 2, 3].map((number) => idOf(number)))
  }))

test('the list is made anew from the runs where it is gone', () =>
  withRuns(({ add, begin, list, root }) => {
    for (const number of [1, 2]) add(number)
    mkdirSync(join(root, '.polku', 'runs', idOf(3, 'other')))
    expect(begin(4).ingredients('scaled')?.run).toBe(idOf(2))
    rmSync(list)
    expect(begin(5).ingredients('scaled')?.run).toBe(idOf(2))
    expect(readFileSync(list, 'utf8').trim().split('\n')).toEqual([1, 2, 5].map((number) => idOf(number)))
  }))

test('of a list of any length only the end is read, and a list that has grown long is cut', () =>
  withRuns(({ add, begin, list, root }) => {
    add(900_000)
    mkdirSync(join(root, '.polku', 'history'), { recursive: true })
    const ids = Array.from({ length: 10_000 }, (_, index) => idOf(index)).concat(idOf(900_000))
    writeFileSync(list, `${ids.join('\n')}\n`)
    expect(begin(900_001).ingredients('scaled')?.run).toBe(idOf(900_000))
    expect(statSync(list).size).toBeLessThan(2000)
    expect(begin(900_002).ingredients('scaled')?.run).toBe(idOf(900_000))
    expect(readFileSync(list, 'utf8').trim().split('\n').slice(-3)).toEqual(
      [900_000, 900_001, 900_002].map((number) => idOf(number)),
    )
  }))

test('lines that a killed process left half written are passed over, and spoil no later line', () =>
  withRuns(({ add, begin, root }) => {
    const folder = add(1)
    const file = join(root, '.polku', 'runs', folder.id, 'steps.jsonl')
    writeFileSync(file, '{"step":"orders","ingredients":{"node":"imp', { flag: 'a' })
    const again = add(1, 'totals')
    expect(again.ingredients('orders')).toBeUndefined()
    const history = begin(2)
    expect(history.ingredients('scaled')?.ingredients).toEqual(ingredientsOf('code 1'))
    expect(history.ingredients('totals')?.ingredients).toEqual(ingredientsOf('code 1'))
    expect(history.ingredients('orders')).toBeUndefined()
  }))

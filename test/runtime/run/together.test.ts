import type { ChildProcess } from 'node:child_process'
import { on } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withWorkspace } from '../../workspace.ts'
import { cachedSteps, campaignFlow, filesUnder, hashesOf, runFlow, staleTemporary, writeFlow } from '../engine.ts'
import { ended, startRun } from './children.ts'

/** Lets children go on from each moment only when all of them have come to it. */
async function inStep(children: readonly ChildProcess[], moments: readonly string[]): Promise<unknown[]> {
  const closed = children.map((child) => on(child, 'message', { close: ['exit'] }))
  const next = async () => Promise.all(closed.map(async (messages) => (await messages.next()).value?.[0] as unknown)) // an event's arguments
  for (const moment of moments) {
    expect(await next()).toEqual(children.map(() => moment))
    for (const child of children) child.send('go on')
  }
  return next()
}

test('three processes run the same flow at once in one workspace', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const moments = ['rows:middle', 'moments:middle', 'contacts:before', 'contacts:middle', 'contacts:after']
    const children = [1, 2, 3].map(() => startRun({ root, holdAt: moments }))
    const ends = Promise.all(children.map(ended))
    expect(await inStep(children, moments)).toEqual(children.map(() => ({ status: 'done' })))
    expect((await ends).map(({ code, said }) => [code, said])).toEqual(children.map(() => [0, '']))
    const datasets = Object.keys(filesUnder(join(root, '.polku', 'datasets')))
    expect(datasets.filter((name) => name.endsWith('.json'))).toEqual(['contacts/000001.json'])
    expect(datasets).toHaveLength(2)
    expect(staleTemporary(root)).toEqual([])
    const left = { ...filesUnder(join(root, 'exports')), ...filesUnder(join(root, '.polku', 'datasets')) }
    const alone = await runFlow(root)
    expect(cachedSteps(alone)).toEqual(['orders', 'scaled', 'moments', 'totals'])
    await withWorkspace(async (other) => {
      writeFlow(other, campaignFlow)
      expect(hashesOf(await runFlow(other))).toEqual(hashesOf(alone))
      expect({ ...filesUnder(join(other, 'exports')), ...filesUnder(join(other, '.polku', 'datasets')) }).toEqual(left)
    })
  }))

test('one process cannot sweep what another still writes', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const slow = startRun({ root, holdAt: ['moments:middle'] })
    const end = ended(slow)
    const messages = on(slow, 'message', { close: ['exit'] })
    await messages.next()
    expect((await runFlow(root)).status).toBe('done')
    slow.send('go on')
    expect((await messages.next()).value?.[0]).toEqual({ status: 'done' })
    expect((await end).code).toBe(0)
    expect(staleTemporary(root)).toEqual([])
  }))

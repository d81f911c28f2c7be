// Slow: starts tslab's own kernel, which takes its time.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Notebook } from '../../runtime/notebook/nbformat/cells.ts'
import { clientWith, delivery } from './running.ts'

const trial = clientWith([])
afterAll(() => trial.close())

/** What each cell shows, without what kernels count in their own way. */
const shownBy = ({ cells }: Notebook) =>
  cells.flatMap((cell) =>
    cell.cell_type === 'code'
      ? [cell.outputs.map((output) => [output.output_type, 'data' in output ? output.data : output])]
      : [],
  )

test('first-look says the same under tslab and under Polku’s kernel', async () => {
  writeFileSync(join(trial.root, 'data', 'delivered.csv'), delivery, 'latin1')
  const params = { file: 'data/delivered.csv' }
  const [old, own] = [
    await trial.run('first-look', params, { kernel: 'tslab' }),
    await trial.run('first-look', params, { kernel: 'polku' }),
  ]
  expect(shownBy(own.notebook)).toEqual(shownBy(old.notebook))
  expect(shownBy(own.notebook).flat()).toHaveLength(4)
  expect(own.report).toContain('was read as Windows-1252')
  expect(own.report).toMatch(/<strong>market<\/strong> is the same in every row/)
  expect(own.report).toMatch(/<strong>key<\/strong> differs in nearly every row/)
  for (const name of ['Åsa', 'Väinö']) expect(own.report).not.toContain(name)
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { clientWith, delivery } from './running.ts'

// The one of Polku's own notebooks that takes seconds; the others are tried in files of the slow tier.

const trial = clientWith([])
afterAll(() => trial.close())

test('first-look says how a file was read and what is strange in it, and shows no person', async () => {
  writeFileSync(join(trial.root, 'data', 'delivered.csv'), delivery, 'latin1')
  const { report } = await trial.run('first-look', { file: 'data/delivered.csv' }, { kernel: 'polku' })
  expect(report).toContain('was read as Windows-1252')
  expect(report).toMatch(/<strong>market<\/strong> is the same in every row/)
  expect(report).toMatch(/<strong>key<\/strong> differs in nearly every row/)
  for (const name of ['Åsa', 'Väinö']) expect(report).not.toContain(name)
})

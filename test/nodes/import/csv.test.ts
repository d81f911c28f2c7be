import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readChunks } from '../../../nodes/import/csv/bytes.ts'
import { requireAll } from '../../../nodes/import/csv/read.ts'
import { withWorkspace } from '../../workspace.ts'
import { imported } from './imported.ts'

describe('what must not happen is told', () => {
  const fail = (name: string, values: Record<string, string | number> = {}): never => {
    throw new Error(`import/csv:${name} ${JSON.stringify(values)}`)
  }

  test('ten megabytes without a line end', async () => {
    await withWorkspace(async (root) => {
      const file = join(root, 'long.csv')
      writeFileSync(file, 'x'.repeat(10_000_000))
      const wrong = await imported(file, {}, 'select 1').catch((error: Error) => error)
      expect(String(wrong)).toContain('begins with a line of more than')
      expect('errors' in Object(wrong) && Object(wrong).errors[0].values.code).toBe('import/csv:lineTooLong')
    })
  })

  test('a long line among others is set apart', async () => {
    await withWorkspace(async (root) => {
      const file = join(root, 'long.csv')
      writeFileSync(file, `id,name\n1,a\n2,${'x'.repeat(10_000_000)}\n3,c\n`)
      const { row, record } = await imported(
        file,
        { columns: { id: 'integer', name: 'text' } },
        'select count(*) as n from t',
      )
      expect(record.problem).toBeUndefined()
      expect(Number(row.n) + (record.steps[0]?.outputs[1]?.rows ?? 0)).toBe(3)
      expect(row.n).toBeGreaterThanOrEqual(2)
    })
  })

  test('records that are neither a row nor rejected', () => {
    expect(() => requireAll({ records: 3, rows: 2, rejected: 1 }, 'x.csv', fail)).not.toThrow()
    expect(() => requireAll({ records: 4, rows: 2, rejected: 1 }, 'x.csv', fail)).toThrow('import/csv:miscounted')
  })

  test('a file that cannot be read', async () => {
    const reading = async () => {
      for await (const _ of readChunks('/nowhere/x.csv', 'none', fail)) expect.fail('it was read')
    }
    await expect(reading()).rejects.toThrow('import/csv:unreadable')
  })
})

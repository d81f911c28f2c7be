import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { duckdbVersion } from '../../../runtime/data/database.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { engineVersion, engineVersionOf } from '../../../runtime/step/engine-version.ts'

const root = mkdtempSync(join(tmpdir(), 'polku-engine-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

const counted = [
  'nodes/lib/sql.ts',
  'runtime/data/database.ts',
  'runtime/data/inner/tables.ts',
  'runtime/catalogue/catalogue.ts',
  'runtime/model/network.ts',
  'runtime/step/execute.ts',
]
const versioned = [
  'package.json',
  'node_modules/@tensorflow/tfjs/package.json',
  'node_modules/@tensorflow/tfjs-core/package.json',
  'node_modules/@tensorflow/tfjs-backend-wasm/package.json',
]
const others = ['runtime/console/page.ts', 'nodes/segment/rfm/rfm.ts', 'README.md']
for (const file of [...counted, ...others]) write(file, 'first')
for (const file of versioned) write(file, '{"version":"1.0.0"}')

describe('the version of the engine', () => {
  test.each([...counted, ...versioned])('changes with %s', (file) => {
    const before = engineVersionOf(root)
    write(file, file.endsWith('.json') ? '{"version":"1.0.1"}' : 'second')
    expect(engineVersionOf(root)).not.toBe(before)
  })

  test('changes when a file comes, or takes another name', () => {
    const before = engineVersionOf(root)
    write('runtime/step/new.ts', 'second')
    const between = engineVersionOf(root)
    expect(between).not.toBe(before)
    rmSync(join(root, 'runtime/step/new.ts'))
    write('runtime/step/other.ts', 'second')
    expect(engineVersionOf(root)).not.toBe(between)
  })

  test.each(others)('does not change with %s', (file) => {
    const before = engineVersionOf(root)
    write(file, 'second')
    expect(engineVersionOf(root)).toBe(before)
  })

  test('names DuckDB’s and is the one of the folder that runs', () => {
    expect(engineVersion()).toContain(`duckdb ${duckdbVersion}`)
    expect(engineVersion()).toBe(engineVersionOf(projectRoot))
  })
})

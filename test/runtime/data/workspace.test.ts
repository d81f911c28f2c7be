import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { withWorkspace } from '../../workspace.ts'

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof PolkuError) return error.code
    throw error
  }
  return 'none'
}

describe('paths', () => {
  let outside = ''
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'polku-outside-'))
    writeFileSync(join(outside, 'secret.csv'), 'x\n1\n')
  })
  afterAll(() => rmSync(outside, { recursive: true }))

  test('inside are resolved, present or not', () =>
    withWorkspace(async (root) => {
      const workspace = Workspace.open(root)
      for (const path of [
        'data/orders.csv',
        'exports/later/x.csv',
        'data/../data/orders.csv',
        './data',
        'a b/ä "q".csv',
        '...',
        '..data/x',
      ])
        expect(workspace.resolve(path)).toBe(join(workspace.root, path))
    }))

  test.each([
    '/etc/passwd',
    '../x.csv',
    'data/../../x.csv',
    'data/../..',
    '.polku/runs/x',
    './.polku',
    'data/../.polku/tmp',
    'data/\0.csv',
  ])('%j are refused', (path) =>
    withWorkspace(async (root) => expect(codeOf(() => Workspace.open(root).resolve(path))).toBe('PATH_OUTSIDE')),
  )

  test('through links that lead out are refused, also where nothing is there yet', () =>
    withWorkspace(async (root) => {
      symlinkSync(outside, join(root, 'folder'))
      symlinkSync(join(outside, 'secret.csv'), join(root, 'data', 'file.csv'))
      symlinkSync(join(outside, 'not-yet'), join(root, 'data', 'later.csv'))
      symlinkSync(join(outside, 'not-yet'), join(root, 'later'))
      symlinkSync('folder', join(root, 'twice'))
      mkdirSync(join(root, '.polku', 'runs'), { recursive: true })
      symlinkSync('.polku', join(root, 'inner'))
      const workspace = Workspace.open(root)
      for (const path of [
        'folder/secret.csv',
        'folder',
        'folder/new.csv',
        'data/file.csv',
        'data/later.csv',
        'later/x.csv',
        'twice/secret.csv',
        'inner/runs',
        'inner/new',
      ])
        expect(
          codeOf(() => workspace.resolve(path)),
          path,
        ).toBe('PATH_OUTSIDE')
    }))

  test('through links that stay inside are allowed', () =>
    withWorkspace(async (root) => {
      symlinkSync('data', join(root, 'source'))
      symlinkSync(join(root, 'data', 'orders.csv'), join(root, 'orders.csv'))
      const workspace = Workspace.open(root)
      expect(workspace.requireFile('source/orders.csv')).toBe(join(workspace.root, 'source/orders.csv'))
      expect(workspace.requireFile('orders.csv')).toBe(join(workspace.root, 'orders.csv'))
    }))

  test('of any text never lead out', () =>
    withWorkspace(async (root) => {
      symlinkSync(outside, join(root, 'out'))
      const workspace = Workspace.open(root)
      const part = fc.oneof(fc.constantFrom('..', '.', '', 'out', 'data', '.polku', '~', '%2e%2e', '\\..'), fc.string())
      fc.assert(
        fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), (names, absolute) => {
          const path = (absolute ? '/' : '') + names.join('/')
          try {
            const resolved = workspace.resolve(path)
            expect(`${resolved}/`.startsWith(`${workspace.root}/`)).toBe(true)
            expect(relative(workspace.root, resolved)).not.toMatch(/^(out|\.polku)(\/|$)/)
          } catch (error) {
            if (!(error instanceof PolkuError)) throw error
            expect(/[*?[]/.test(path) ? ['PATH_OUTSIDE', 'PATH_PATTERN'] : ['PATH_OUTSIDE']).toContain(error.code)
          }
        }),
        { numRuns: 500 },
      )
    }))

  test('to read must be files', () =>
    withWorkspace(async (root) => {
      const workspace = Workspace.open(root)
      expect(codeOf(() => workspace.requireFile('data/order.csv'))).toBe('FILE_NOT_FOUND')
      expect(() => workspace.requireFile('data/order.csv')).toThrow(
        expect.objectContaining({ values: expect.objectContaining({ nearest: 'Did you mean data/orders.csv?' }) }),
      )
      expect(codeOf(() => workspace.requireFile('data'))).toBe('FILE_UNREADABLE')
      expect(codeOf(() => workspace.requireFile('data/orders.csv/x'))).toBe('FILE_NOT_FOUND')
      symlinkSync('loop', join(root, 'loop'))
      expect(codeOf(() => workspace.requireFile('loop'))).toMatch(/FILE_|PATH_OUTSIDE/)
      expect(codeOf(() => workspace.requireFile('x'.repeat(5000)))).toMatch(/FILE_/)
    }))
})

describe('client.yaml', () => {
  test.each([
    ['absent', undefined, 'WORKSPACE_NOT_FOUND'],
    ['empty', '', 'WORKSPACE_INVALID'],
    ['not YAML', 'client: [', 'WORKSPACE_INVALID'],
    ['without a title', 'client: x\n', 'WORKSPACE_INVALID'],
    ['with a name that is none', 'client: X Y\ntitle: T\n', 'WORKSPACE_INVALID'],
    ['with a key too many', 'client: x\ntitle: T\ncolour: red\n', 'WORKSPACE_INVALID'],
    ['with aliases', 'client: &a x\ntitle: *a\n', 'WORKSPACE_INVALID'],
    ['a list', '- x\n', 'WORKSPACE_INVALID'],
    ['with a time zone that there is not', 'client: x\ntitle: T\ntimezone: Europe/Helsinky\n', 'WORKSPACE_INVALID'],
    ['with a currency that there is not', 'client: x\ntitle: T\ncurrency: ABC\n', 'WORKSPACE_INVALID'],
  ])('%s', (_, text, code) =>
    withWorkspace(async (root) => {
      rmSync(join(root, 'client.yaml'))
      if (text !== undefined) writeFileSync(join(root, 'client.yaml'), text)
      expect(codeOf(() => Workspace.open(root))).toBe(code)
    }),
  )

  test('tells what day it is where the client is; without a time zone, in UTC', () =>
    withWorkspace(async (root) => {
      const noon = Date.parse('2026-06-01T12:00Z')
      const today = (zone: string): string => {
        writeFileSync(join(root, 'client.yaml'), `client: x\ntitle: T\n${zone}`)
        return Workspace.open(root).today(noon)
      }
      expect(today('')).toBe('2026-06-01')
      expect(today('timezone: Pacific/Kiritimati\n')).toBe('2026-06-02')
      expect(today('timezone: Pacific/Pago_Pago\n')).toBe('2026-06-01')
    }))

  test('of a folder that is a file or absent', () =>
    withWorkspace(async (root) => {
      expect(codeOf(() => Workspace.open(join(root, 'nowhere')))).toBe('WORKSPACE_NOT_FOUND')
      expect(codeOf(() => Workspace.open(join(root, 'client.yaml')))).toBe('WORKSPACE_NOT_FOUND')
    }))
})

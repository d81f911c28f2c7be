import { expect, test } from 'vitest'
import { families } from '../../runtime/catalogue/catalogue.ts'
import { code, files, imports, text } from './files.ts'

test('nothing lies at the top level but what the design lists', () => {
  const allowed =
    /^(nodes|flows|notebooks|runtime|examples|test|docs|package\.json|package-lock\.json|tsconfig\.json|biome\.json|knip\.json|vitest\.config\.ts|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md|LICENSE|\..*)$/
  expect([...new Set(files.map((file) => file.split('/')[0] ?? ''))].filter((name) => !allowed.test(name))).toEqual([])
})

test('a node imports the contract, lib and its own folder only', () => {
  const nodes = code.filter((file) => families.some((family) => file.startsWith(`nodes/${family}/`)))
  expect(nodes.length).toBeGreaterThan(0)
  for (const file of nodes) {
    const own = file.split('/').slice(0, 3).join('/')
    const foreign = imports(file).filter(
      (target) => target !== 'nodes/node.ts' && !target.startsWith('nodes/lib/') && !target.startsWith(`${own}/`),
    )
    expect(foreign, file).toEqual([])
  }
})

test('lib knows no node and the contract nothing but its plain types', () => {
  for (const file of code.filter((name) => name.startsWith('nodes/lib/')))
    expect(
      imports(file).filter((target) => target !== 'nodes/node.ts' && !target.startsWith('nodes/lib/')),
      file,
    ).toEqual([])
  const plain = ['nodes/lib/finding.ts', 'nodes/lib/table.ts']
  expect(imports('nodes/node.ts').filter((target) => !plain.includes(target))).toEqual([])
  for (const file of plain) expect(imports(file), file).toEqual([])
})

// From the ground up: a room imports, types included, only from itself and the rooms before it.
const floors =
  'errors data html catalogue model step flow run engine retention notebook service server client console commands cli.ts'.split(
    ' ',
  )
const floorOf = (file: string): number => floors.indexOf(file.split('/')[1] ?? '')
const runtimeFiles = files.filter((file) => /^runtime\/.*\.(ts|js)$/.test(file))

test('every file of the runtime lies on a floor', () => {
  expect(runtimeFiles.filter((file) => floorOf(file) < 0)).toEqual([])
})

test('no room imports from a floor above its own', () => {
  const upward = runtimeFiles.flatMap((file) =>
    imports(file)
      .filter((target) => target.startsWith('runtime/') && floorOf(target) > floorOf(file))
      .map((target) => `${file} → ${target}`),
  )
  expect(upward).toEqual([])
})

test('the console knows only the HTTP API', () => {
  const foreign = runtimeFiles
    .filter((file) => file.startsWith('runtime/console/'))
    .flatMap((file) =>
      imports(file)
        .filter((target) => !/^runtime\/(errors|html|client|console)\//.test(target))
        .map((target) => `${file} → ${target}`),
    )
  expect(foreign).toEqual([])
})

// What uses a service from elsewhere does not load the service with it.
test('the HTTP client loads nothing of the server, only types', () => {
  const loads = runtimeFiles
    .filter((file) => file.startsWith('runtime/client/'))
    .flatMap((file) => text(file).match(/^import (?!type ).*$/gm) ?? [])
  expect(loads.filter((line) => !/'\.\/[^']+'$/.test(line))).toEqual([])
})

test('no module is part of a circle', () => {
  const graph = new Map(code.map((file) => [file, imports(file)]))
  const state = new Map<string, 'open' | 'done'>()
  const circles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file])
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file, [])
  expect(circles).toEqual([])
})

test('no file only passes others on', () => {
  const barrels = code.filter((file) => {
    const lines = text(file)
      .split('\n')
      .filter((line) => line.trim() && !line.trim().startsWith('//'))
    return lines.length > 1 && lines.every((line) => /^export .* from /.test(line))
  })
  expect(barrels).toEqual([])
})

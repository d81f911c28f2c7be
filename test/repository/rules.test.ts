import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Catalogue, families } from '../../runtime/catalogue/catalogue.ts'
import { projectRoot } from '../../runtime/data/installation.ts'

// Files git would commit: tracked or new, without what is ignored.
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: projectRoot,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(projectRoot, file)))
const code = files.filter((file) => file.endsWith('.ts'))
const text = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')

const imports = (file: string): string[] =>
  [...text(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    relative(projectRoot, resolve(projectRoot, dirname(file), match[1] ?? '')),
  )

describe('rooms', () => {
  test('nothing lies at the top level but what the design lists', () => {
    const allowed =
      /^(nodes|flows|notebooks|runtime|examples|test|docs|package\.json|package-lock\.json|tsconfig\.json|biome\.json|knip\.json|vitest\.config\.ts|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md|LICENSE|\..*)$/
    expect([...new Set(files.map((file) => file.split('/')[0] ?? ''))].filter((name) => !allowed.test(name))).toEqual(
      [],
    )
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
})

describe('the look of the code', () => {
  test('no file is longer than three hundred lines', () => {
    // Nobody edits what is generated.
    const written = code.filter((file) => !file.endsWith('.generated.ts'))
    const long = written.filter((file) => text(file).split('\n').length > 301)
    expect(long).toEqual([])
  })

  test('nothing is left unfinished or unchecked without a reason beside it', () => {
    // Biome refuses `any` itself.
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck|\.only\(/
    const own = 'test/repository/rules.test.ts'
    const found = code
      .filter((file) => file !== own)
      .flatMap((file) =>
        text(file)
          .split('\n')
          .filter((line) => marks.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      )
    expect(found).toEqual([])
  })

  test('a lint suppression and a doubtful cast say why on their line', () => {
    const found = code
      .filter((file) => file !== 'test/repository/rules.test.ts')
      .flatMap((file) =>
        text(file)
          .split('\n')
          .filter((line) => /biome-ignore/.test(line) && !/biome-ignore[^:]*: .{10}/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      )
    expect(found).toEqual([])
  })

  test('no test waits for time to pass', () => {
    const sleeping = code
      // A benchmark that keeps a pace waits for the moment of the next request.
      .filter(
        (file) =>
          file.startsWith('test/') && !file.startsWith('test/bench/') && file !== 'test/repository/rules.test.ts',
      )
      .filter((file) => /setTimeout\(|timers\/promises|\bsleep\(|Atomics\.wait/.test(text(file)))
    expect(sleeping).toEqual([])
  })
})

describe('nodes', async () => {
  const catalogue = new Catalogue()

  test.each(catalogue.names)('%s is complete', async (name) => {
    const { definition, file } = await catalogue.load(name)
    expect(definition.title.length).toBeGreaterThan(2)
    expect(definition.summary).toMatch(/^[A-Z].+\.$/)
    expect(Object.keys(definition.outputs).length).toBeGreaterThan(0)
    for (const [output, description] of Object.entries(definition.outputs))
      expect(description, `output ${output}`).toMatch(/\w{3}/)
    for (const [inputName, spec] of Object.entries(definition.inputs))
      expect(spec.description, `input ${inputName}`).toMatch(/\w{3}/)
    expect(
      'additionalProperties' in definition.params && definition.params.additionalProperties,
      'settings are closed',
    ).toBe(false)
    for (const [setting, schema] of Object.entries(definition.params.properties))
      expect('description' in schema && schema.description, `setting ${setting}`).toMatch(/\w{2}/)
    const cases = join(dirname(file), 'cases')
    expect(existsSync(cases) && readdirSync(cases).length, 'cases').toBeGreaterThan(0)
  })

  test('every declared error of a node has a case or a test that meets it', async () => {
    const evidence = files
      .filter((file) => /case\.yaml$|^test\/.*\.ts$/.test(file))
      .map(text)
      .join('\n')
    const missing: string[] = []
    for (const name of catalogue.names) {
      const { definition } = await catalogue.load(name)
      for (const error of Object.keys(definition.errors ?? {}))
        if (!evidence.includes(`${name}:${error}`)) missing.push(`${name}:${error}`)
    }
    expect(missing).toEqual([])
  })

  test('docs/nodes.md is the catalogue of what is there', async () => {
    const { nodesText } = await import('../../runtime/commands/catalogue.ts')
    expect(text('docs/nodes.md')).toBe(await nodesText())
  })

  test('the functions of notebooks are those of the nodes that are there', async () => {
    const { nodeTypesText } = await import('../../runtime/commands/catalogue.ts')
    expect(text('runtime/notebook/api/nodes.generated.ts')).toBe(await nodeTypesText())
  })
})

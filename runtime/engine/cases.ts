import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseDocument, stringify } from 'yaml'
import { id, join as joinSql, sql } from '../../nodes/lib/sql.ts'
import { defineNode, filePath, type NodeDefinition, type Static, settings, Type } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { Database } from '../data/database.ts'
import { isDate } from '../data/dates.ts'
import { list } from '../data/files.ts'
import { shapeFaults } from '../data/shape.ts'
import { nearest } from '../errors/nearest.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import { toProblems } from '../errors/problems.ts'
import { silent } from '../run/progress.ts'
import type { RunRecord, StepRecord } from '../run/record.ts'
import { Engine } from './engine.ts'

const closed = { additionalProperties: false }
const anything = Type.Record(Type.String(), Type.Unknown())

/**
 * `case.yaml` of a case. Beside it lie one `INPUT.csv` per input table, `files/` that are copied into
 * the workspace, and `expected/OUTPUT.csv` for each output that must come out just so.
 */
const caseSchema = Type.Object(
  {
    about: Type.String({ minLength: 3, description: 'What it shows' }),
    with: Type.Optional(anything),
    as_of: Type.Optional(Type.String()),
    seed: Type.Optional(Type.Integer()),
    types: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.String()), {
        description: 'DuckDB types of input columns that shall not be guessed: input, column, type',
      }),
    ),
    error: Type.Optional(
      Type.Object(
        { code: Type.String(), message: Type.Optional(Type.String()) },
        { ...closed, description: 'The fault that must come instead of outputs: its code, and a part of its message' },
      ),
    ),
    metrics: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]), {
        description: 'Metrics that must come out, to nine digits',
      }),
    ),
    warnings: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Parts of warnings that must be given' }),
    ),
  },
  closed,
)

type Case = Static<typeof caseSchema>

export interface CaseResult {
  /** What differs from what the case expects; empty where all is as expected. */
  readonly differences: readonly string[]
  /** What came out: output name to CSV text. */
  readonly outputs: Readonly<Record<string, string>>
}

const caseInput: CatalogueNode = {
  name: 'case/input',
  file: '',
  code: 'case',
  definition: defineNode({
    title: 'Input of a case',
    summary: 'Reads a small CSV file with given types.',
    inputs: {},
    params: settings({ path: filePath(), types: Type.Optional(Type.Record(Type.String(), Type.String())) }),
    outputs: { table: 'The rows of the file' },
    run: (_, { path, types = {} }) => {
      const typed = Object.entries(types).map(([name, type]) => sql`${id(name)}: ${type}`)
      const option = typed.length > 0 ? sql`, types = {${joinSql(typed)}}` : sql``
      return sql`select * from read_csv(${path}, header = true, delim = ',', quote = '"', nullstr = ''${option})`
    },
  }) as unknown as NodeDefinition, // the narrower generic types of one node
}

/** Runs cases one after the other, each in a workspace of its own that is removed afterwards, all with one database. */
export class CaseRunner {
  readonly #folder: string
  readonly #database: Database

  private constructor(folder: string, database: Database) {
    this.#folder = folder
    this.#database = database
  }

  /** Opens the database in a new folder for temporary files. To be closed. */
  static async open(): Promise<CaseRunner> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polku-cases-')))
    return new CaseRunner(folder, await Database.open({ folder, temporary: join(folder, 'duckdb') }))
  }

  /** Closes the database and removes what cases left. */
  close(): void {
    this.#database.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs the case of a node that lies in `folder`; `bless` writes what comes out as what it expects. */
  async run(node: CatalogueNode, folder: string, { bless = false }: { bless?: boolean } = {}): Promise<CaseResult> {
    const file = join(folder, 'case.yaml')
    if (!existsSync(file)) return { differences: ['There is no case.yaml.'], outputs: {} }
    const document = parseDocument(readFileSync(file, 'utf8'))
    if (document.errors[0]) return { differences: [`case.yaml: ${document.errors[0].message}`], outputs: {} }
    const definition: unknown = document.toJS()
    const faults = caseFaults(node, folder, definition, bless)
    if (faults.length > 0) return { differences: faults, outputs: {} }
    const expected = definition as Case // its shape is proved
    const workspace = mkdtempSync(join(this.#folder, 'case-'))
    try {
      prepare(workspace, node, folder, expected)
      const engine = await Engine.open(workspace, { nodes: [caseInput, node], database: this.#database })
      try {
        return await compare(engine, workspace, folder, expected, bless)
      } finally {
        await engine.close()
      }
    } finally {
      rmSync(workspace, { recursive: true, force: true })
    }
  }
}

/** What of a case nobody would look at, so that it seems to prove what it does not. */
function caseFaults(
  { definition: { inputs, outputs } }: CatalogueNode,
  folder: string,
  definition: unknown,
  bless: boolean,
): string[] {
  const shape = shapeFaults(caseSchema, definition)
  if (shape.length > 0)
    return shape.map(({ kind, path, expected }) => `case.yaml: ${path.join('.') || 'it'} is ${kind}. ${expected}`)
  const { error, metrics = {}, warnings = [], types = {}, as_of: asOf } = definition as Case // its shape is proved
  const tables = (names: readonly string[]) => names.map((name) => `${name}.csv`)
  const [inputFiles, outputFiles] = [tables(Object.keys(inputs)), tables(Object.keys(outputs))]
  const expected = list(join(folder, 'expected'))
  const stray = (name: string, names: readonly string[], kind: string, words: string) =>
    names.includes(name) ? [] : [`${words}. ${nearest(name, names, kind)}`]
  const others = list(folder).filter((file) => !['case.yaml', 'expected', 'files'].includes(file))
  const isFolder = (file: string) => statSync(join(folder, file)).isDirectory()
  const tableFiles = [...others, ...expected.map((file) => `expected/${file}`)].filter((file) => file.endsWith('.csv'))
  const faults = [
    ...others.flatMap((file) => stray(file, inputFiles, 'input', `${file} is for no input`)),
    ...Object.keys(types).flatMap((name) =>
      Object.hasOwn(inputs, name) && !others.includes(`${name}.csv`)
        ? [`case.yaml: types.${name} is of an input that the case does not have. There is no ${name}.csv.`]
        : stray(name, Object.keys(inputs), 'input', `case.yaml: types.${name} is of no input`),
    ),
    ...expected.flatMap((file) => stray(file, outputFiles, 'output', `expected/${file} is for no output`)),
  ]
  for (const file of tableFiles.filter(isFolder)) faults.push(`${file} is a folder, not a file.`)
  if (asOf !== undefined && !isDate(asOf)) faults.push('case.yaml: as_of is no date. Such as 2026-10-01.')
  const count = expected.length + Object.keys(metrics).length + warnings.length
  if (error && count > 0) faults.push('It expects an error, and beside it what only a step gives that is done.')
  if (!error && count === 0 && !bless)
    faults.push('It expects nothing: neither an error, nor metrics, warnings or a file in expected/.')
  return faults
}

function prepare(workspace: string, node: CatalogueNode, folder: string, expected: Case): void {
  writeFileSync(join(workspace, 'client.yaml'), stringify({ client: 'case', title: 'Case' }))
  if (existsSync(join(folder, 'files'))) cpSync(join(folder, 'files'), workspace, { recursive: true })
  mkdirSync(join(workspace, 'inputs'))
  mkdirSync(join(workspace, 'flows'))
  const inputs = list(folder)
    .filter((file) => file.endsWith('.csv'))
    .map((file) => basename(file, '.csv'))
  for (const input of inputs) cpSync(join(folder, `${input}.csv`), join(workspace, 'inputs', `${input}.csv`))
  const reads = inputs.map((input): [string, unknown] => [
    `in_${input}`,
    {
      uses: 'case/input',
      with: { path: `inputs/${input}.csv`, ...(expected.types?.[input] ? { types: expected.types[input] } : {}) },
    },
  ])
  const from = inputs.length > 0 ? { from: Object.fromEntries(inputs.map((input) => [input, `in_${input}`])) } : {}
  const steps = { ...Object.fromEntries(reads), case: { uses: node.name, ...from, with: expected.with ?? {} } }
  writeFileSync(join(workspace, 'flows', 'case.yaml'), stringify({ flow: 'case', seed: expected.seed ?? 1, steps }))
}

async function compare(
  engine: Engine,
  workspace: string,
  folder: string,
  definition: Case,
  bless: boolean,
): Promise<CaseResult> {
  const { step, problems } = await attempt(engine, definition)
  if (definition.error || problems.length > 0 || !step)
    return { differences: errorDifferences(definition, problems), outputs: {} }
  const outputs: Record<string, string> = {}
  const differences: string[] = []
  for (const output of step.outputs) {
    outputs[output.name] = await engine.tableCsv(join(workspace, output.path))
    const file = join(folder, 'expected', `${output.name}.csv`)
    if (bless) {
      mkdirSync(join(folder, 'expected'), { recursive: true })
      writeFileSync(file, outputs[output.name] ?? '')
    }
    if (!existsSync(file)) continue
    const expected = readFileSync(file, 'utf8')
    if (expected !== outputs[output.name])
      differences.push(`${output.name} is\n${outputs[output.name]}instead of\n${expected}`)
  }
  return { differences: [...differences, ...findingDifferences(definition, step)], outputs }
}

async function attempt(
  engine: Engine,
  { as_of: asOf = '2026-10-01' }: Case,
): Promise<{ step?: StepRecord; problems: ProblemRecord[] }> {
  try {
    const request = { flow: join(engine.workspace.root, 'flows', 'case.yaml'), params: {}, asOf }
    const record: RunRecord = await engine.run(request, {
      progress: silent,
      signal: new AbortController().signal,
      now: Date.now,
    })
    return { step: record.steps.find((step) => step.name === 'case'), problems: record.problem ? [record.problem] : [] }
  } catch (error) {
    return { problems: toProblems(error) }
  }
}

const describe = (problems: readonly ProblemRecord[]): string =>
  problems.map(({ code, message }) => `${code}: ${message}`).join('\n') || 'no error'

function errorDifferences(definition: Case, problems: readonly ProblemRecord[]): string[] {
  const { error } = definition
  if (!error) return [`it fails with ${describe(problems)}`]
  const met = problems.some(
    ({ code, message, expected }) =>
      code === error.code && `${message} ${expected ?? ''}`.includes(error.message ?? ''),
  )
  return met ? [] : [`it gives ${describe(problems)} instead of ${error.code}: ${error.message ?? ''}`]
}

function findingDifferences(definition: Case, step: StepRecord): string[] {
  const differences: string[] = []
  for (const [name, value] of Object.entries(definition.metrics ?? {})) {
    const metric = step.findings.find((finding) => finding.kind === 'metric' && finding.name === name)
    const actual = metric?.kind === 'metric' ? metric.value : undefined
    const same =
      actual === value ||
      (typeof actual === 'number' &&
        typeof value === 'number' &&
        Math.abs(actual - value) <= 1e-9 * Math.max(1, Math.abs(value)))
    if (!same) differences.push(`the metric ${name} is ${actual} instead of ${value}`)
  }
  const warnings = step.findings.flatMap((finding) =>
    finding.kind === 'note' && finding.level === 'warning' ? [finding.text] : [],
  )
  for (const text of definition.warnings ?? [])
    if (!warnings.some((warning) => warning.includes(text)))
      differences.push(`no warning says “${text}”; there are: ${warnings.join(' | ') || 'none'}`)
  return differences
}

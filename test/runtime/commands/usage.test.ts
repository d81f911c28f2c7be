import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { polkuVersion } from '../../../runtime/data/installation.ts'
import { withWorkspace } from '../../workspace.ts'
import { polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

describe('--help', () => {
  const commands: [string[], RegExp[]][] = [
    [[], [/check/, /run/, /explain/, /nodes/, /models/, /approve/, /test/, /new/, /--workspace/]],
    [['check'], [/--param <name=value>/, /--as-of <date>/, /--json/]],
    [['run'], [/--param <name=value>/, /--as-of <date>/, /--json/, /--resume <run>/]],
    [['explain'], [/<run>/, /--json/]],
    [['nodes'], [/\[name\]/, /--json/]],
    [['models'], [/--json/]],
    [['types'], [/types of the workspace/]],
    [['approve'], [/model/]],
    [
      ['approve', 'model'],
      [/<model@version>/, /--report <file>/, /--by <name>/, /--note <text>/],
    ],
    [['test'], [/\[name\]/, /--bless/]],
    [['new'], [/client/, /node/]],
    [['new', 'client'], [/<name>/]],
    [['new', 'node'], [/<family\/name>/]],
  ]
  test.each(commands)('of %j', async (command, texts) => {
    const { code, out, error } = await polkuHere(tmpdir(), ...command, '--help')
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).toMatch(new RegExp(`^Usage: polku ?${command.join(' ')}`))
    for (const part of texts) expect(out).toMatch(part)
    // Every option and command says what it is for.
    const entries = out
      .split(/^(?:Options|Commands|Arguments):$/m)
      .slice(1)
      .join('\n')
      .split('\n')
      .filter((line) => /^ {2}\S/.test(line))
    for (const line of entries) expect(line).toMatch(/^ {2}\S.*? {2,}\S.{3}/)
  })

  test('--version', async () => {
    expect(await polku(tmpdir(), '--version')).toEqual({ code: 0, out: `${polkuVersion}\n`, error: '' })
  })
})

describe('wrong use of the command line ends with 2', () => {
  test('also as a process', async () => {
    const { code, out, error } = await polku(tmpdir(), 'bogus')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(error).toMatch(/unknown command 'bogus'/)
  })

  test.each([
    [['bogus'], /unknown command 'bogus'/],
    [['run', '--bogus'], /unknown option '--bogus'/],
    [['check'], /missing required argument 'flow'/],
    [['explain'], /missing required argument 'run'/],
    [['run'], /Name a flow, or a run with --resume/],
    [['run', 'x', '--resume', 'y'], /Name a flow, or a run with --resume/],
    [['run', 'x', '--param'], /argument missing/],
    [['run', 'x', '--param', 'nothing'], /--param nothing has no value/],
    [['run', 'x', '--param', '=1'], /has no value/],
    [['run', 'x', '--param', 'nothing', '--json'], /--param nothing has no value/],
    [['run', 'x', '--as-of', 'yesterday'], /The as-of date is yesterday/],
    [['check', 'x', '--as-of', '2026-02-30'], /The as-of date is 2026-02-30/],
    [['approve', 'model', 'churn@1', '--report', 'r'], /required option '--by <name>'/],
    [['approve', 'model', 'churn@1', '--by', 'Aino'], /required option '--report <file>'/],
    [['approve', 'model', 'churn@1', '--report', 'r', '--by', ' '], /--by is empty/],
    [['approve', 'churn@1', '--by', 'Aino'], /unknown (command|option)/],
    [['approve', 'model', 'churn', '--report', 'r', '--by', 'Aino'], /churn is not a model’s version/],
    [['new'], /Usage: polku new/],
    [['new', 'client', 'Not A Name'], /Not A Name cannot be a name/],
    [['new', 'client', '../x'], /cannot be a name/],
    [['new', 'node', 'segments/x'], /one of import, quality, enrich, segment, predict, select, measure/],
  ])('polku %j', async (words, said) => {
    await withWorkspace(async (root) => {
      const before = readdirSync(root)
      const { code, out, error } = await polkuHere(root, ...words)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(error).toMatch(said)
      expect(error).not.toMatch(/\n +at .*\.ts/)
      expect(readdirSync(root).filter((name) => name !== '.polku')).toEqual(before)
    })
  })
})

describe('faults of the client’s files end with 1', () => {
  test.each([
    [['serve', '--workspaces', 'nowhere'], 'WORKSPACES_NOT_FOUND', /There is no folder .*nowhere/],
    [['run', 'frist'], 'FLOW_NOT_FOUND', /There is no flow frist/],
    [['explain', 'latest'], 'RUN_UNKNOWN', /There is no run latest/],
    [['explain', '20260101'], 'RUN_UNKNOWN', /There is no run 20260101/],
    [['run', '--resume', 'nothing'], 'RUN_UNKNOWN', /There is no run nothing/],
    [['nodes', 'segment/rmf'], 'NODE_UNKNOWN', /Did you mean segment\/rfm/],
    [['test', 'enrich/nothing'], 'NODE_UNKNOWN', /There is no node enrich\/nothing/],
    [['test'], 'NODE_UNKNOWN', /of its own in this workspace/],
    [['approve', 'model', 'churn@1', '--report', 'r', '--by', 'Aino'], 'MODEL_UNKNOWN', /There is no model churn/],
  ])('polku %j: %s', async (words, code, said) => {
    await withWorkspace(async (root) => {
      const answer = await polkuHere(root, ...words)
      expect(answer).toMatchObject({ code: 1, out: '' })
      expect(answer.error).toMatch(new RegExp(`^${code}`))
      expect(answer.error).toMatch(said)
      expect(answer.error).not.toMatch(/\n +at .*\.ts/)
    })
  })

  test('where there is no workspace', () =>
    withWorkspace(async (root) => {
      for (const words of [
        ['run', 'x'],
        ['check', 'x'],
        ['explain', 'latest'],
        ['models'],
        ['test'],
        ['new', 'node', 'enrich/x'],
      ]) {
        const answer = await polkuHere(join(root, 'data'), ...words)
        expect(answer).toMatchObject({ code: 1, out: '' })
        expect(answer.error).toContain('WORKSPACE_NOT_FOUND')
      }
    }))
})

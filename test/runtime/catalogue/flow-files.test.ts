import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  fileOfVersion,
  flowFile,
  flowFileAt,
  flowNames,
  ownFlowFile,
  ownFlowNames,
  ownFlowSigns,
  storedVersions,
  storeVersion,
  versionOf,
} from '../../../runtime/catalogue/flow-files.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { readFlowFile } from '../../../runtime/flow/read-flow.ts'
import { withWorkspace } from '../../workspace.ts'

const withFlows = (names: readonly string[], work: (workspace: Workspace) => void): Promise<void> =>
  withWorkspace(async (root) => {
    const workspace = Workspace.open(root)
    mkdirSync(dirname(ownFlowFile(workspace, 'x')), { recursive: true })
    for (const name of names) writeFileSync(ownFlowFile(workspace, name), `flow: ${name}\nsteps: {}\n`)
    work(workspace)
  })

describe('finding a flow', () => {
  test('the client’s own before Polku’s, each by its name', () =>
    withFlows(['churn-prevention', 'own'], (workspace) => {
      expect(ownFlowNames(workspace)).toEqual(['churn-prevention', 'own'])
      expect(flowNames(workspace)).toEqual([...new Set(flowNames(workspace))].sort())
      expect(flowFile(workspace, 'churn-prevention')).toBe(ownFlowFile(workspace, 'churn-prevention'))
      rmSync(ownFlowFile(workspace, 'churn-prevention'))
      expect(flowFile(workspace, 'churn-prevention')).toBe(join(projectRoot, 'flows', 'churn-prevention.yaml'))
      expect(() => flowFile(workspace, 'ownn')).toThrow(/own/)
    }))

  test('a path is no name, but at the command line', () =>
    withFlows(['own'], (workspace) => {
      const file = ownFlowFile(workspace, 'own')
      expect(() => flowFile(workspace, file)).toThrow('There is no flow')
      expect(() => flowFile(workspace, '../flows/own')).toThrow('There is no flow')
      expect(flowFileAt(workspace, file)).toBe(file)
      expect(flowFileAt(workspace, 'own')).toBe(file)
    }))
})

describe('the change of a flow', () => {
  test('is told by its content, even where size and time are the same', () =>
    withFlows([], (workspace) => {
      const file = ownFlowFile(workspace, 'own')
      const titleOf = (title: string) => {
        writeFileSync(file, `flow: own\ntitle: ${title}\nsteps: { a: { uses: import/csv } }\n`)
        utimesSync(file, 1, 1)
        return readFlowFile(workspace, 'own').flow.title
      }
      expect(titleOf('one')).toBe('one')
      expect(titleOf('two')).toBe('two')
      expect(readFlowFile(workspace, 'own')).toBe(readFlowFile(workspace, 'own'))
    }))

  test('shows in the signs of the files, of flows only', () =>
    withFlows(['own', 'Not a name'], (workspace) => {
      const before = ownFlowSigns(workspace)
      expect([...before.keys()]).toEqual(['own'])
      writeFileSync(ownFlowFile(workspace, 'own'), 'flow: own\nsteps: {}\n# more\n')
      expect(ownFlowSigns(workspace).get('own')).not.toBe(before.get('own'))
    }))
})

test('a version is stored once, and is the flow’s own file as long as that is unchanged', () =>
  withFlows(['own'], (workspace) => {
    const text = 'flow: own\nsteps: {}\n'
    const version = versionOf(text)
    storeVersion(workspace, 'own', text)
    storeVersion(workspace, 'own', text)
    expect(storedVersions(workspace, 'own').map((each) => each.version)).toEqual([version])
    expect(fileOfVersion(workspace, 'own', version)).toBe(ownFlowFile(workspace, 'own'))
    writeFileSync(ownFlowFile(workspace, 'own'), 'flow: own\n')
    expect(fileOfVersion(workspace, 'own', version)).toBe(workspace.internal('flows', `own-${version}.yaml`))
  }))

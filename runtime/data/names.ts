import { namePattern } from '../../nodes/node.ts'

/** What clients, flows, notebooks, nodes within their family, datasets and models are called: a pattern for schemas. */
export const nameForm = `^${namePattern}$`

const name = new RegExp(nameForm)

export const isName = (text: string): boolean => name.test(text)

const modelVersion = new RegExp(`^${namePattern}@\\d{1,9}$`)

/** Whether a text is NAME@VERSION of a model. */
export const isModelVersion = (text: string): boolean => modelVersion.test(text)

/** The name of a file without its ending, such as `.yaml`; undefined where it has another or the rest is no name. */
export function nameOfFile(file: string, ending: string): string | undefined {
  const base = file.endsWith(ending) ? file.slice(0, -ending.length) : ''
  return isName(base) ? base : undefined
}

/** What the tables of a notebook are called: names that are words of SQL and TypeScript, too. */
export const tableNameForm = '^[a-z][a-z0-9_]{0,63}$'

const tableName = new RegExp(tableNameForm)

export const isTableName = (text: string): boolean => tableName.test(text)

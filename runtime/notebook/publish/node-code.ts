import type { TSchema } from 'typebox'
import type { NodeDefinition } from '../../../nodes/node.ts'

// A definition that lives in a notebook, as the text of a file: its data as JSON, its functions by their source.

const sqlNames = ['sql', 'id', 'ids', 'expr', 'join', 'keyword']

/** The text of a node's file. What its functions use beside their arguments and `polku/sql` is not in it. */
export function nodeCode(definition: NodeDefinition): string {
  const { title, summary, inputs, params, outputs, metrics, errors, effect } = definition
  const functions = (['plan', 'run', 'report'] as const).flatMap((name) => {
    const work = definition[name]
    return work ? [`  ${name}: ${expression(authored(String(work)), name)},`] : []
  })
  const used = sqlNames.filter((name) => functions.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
  const data = Object.entries({ title, summary, inputs, outputs, metrics, errors, effect })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`)
  return [
    `import { Type, defineNode, settings } from 'polku/node'`,
    ...(used.length > 0 ? [`import { ${used.join(', ')} } from 'polku/sql'`] : []),
    '',
    'export default defineNode({',
    ...data,
    `  params: settings({${paramsText(params)}}),`,
    ...functions,
    '})',
    '',
  ].join('\n')
}

/** A function's source as its author wrote it, where the kernel has put its own in for names of other cells and for `await`. */
const authored = (source: string): string =>
  source
    .replaceAll(/\(0, __polku\.scope\.([\p{ID_Continue}$]+)\)/gu, '$1')
    .replaceAll(/__polku\.scope\.([\p{ID_Continue}$]+)/gu, '$1')
    .replaceAll(/__polku\.(?:wait|iterate)\(/g, '(')

/** A function's source as an expression: a method's shorthand gets its keyword. */
function expression(source: string, name: string): string {
  const method = new RegExp(`^(async\\s+)?${name}\\s*\\(`).exec(source)
  return method ? `${method[1] ?? ''}function ${source.slice(method[1]?.length ?? 0)}` : source
}

function paramsText({
  properties,
  required = [],
}: {
  properties: Record<string, TSchema>
  required?: string[]
}): string {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const type = `Type.Unsafe<unknown>(${JSON.stringify(schema)})`
    return `\n    ${JSON.stringify(name)}: ${required.includes(name) ? type : `Type.Optional(${type})`},`
  })
  return lines.length > 0 ? `${lines.join('')}\n  ` : ''
}

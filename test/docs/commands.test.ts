import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from '../../runtime/commands/program.ts'
import { projectRoot } from '../../runtime/data/installation.ts'
import { blocksIn, pages } from './pages.ts'

const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  scripts: Record<string, string> // package.json's shape
}

/** The words of a shell command, without quotation marks and comments. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|((?:\\.|[^\s'"\\])+)/g)].map(
    ([, one, two, plain = '']) => one ?? two ?? plain,
  )

/** The commands of a block: lines joined where they go on, split where one follows another. */
const commandsOf = (text: string): string[] =>
  text
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/(^|\s)#.*$/gm, '')
    .split(/\n|&&|;|\|(?!\|)/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

interface Call {
  readonly command: Command
  /** Its arguments. */
  readonly values: readonly string[]
  /** An option that it does not have, or that lacks its value. */
  readonly wrong: string | undefined
}

/** Which command the words call, as commander reads them. */
function callOf(all: readonly string[]): Call {
  let command: Command = program
  const values: string[] = []
  const rest = [...all]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = word.replace(/=.*/, '')
    const next = values.length === 0 ? command.commands.find((one) => one.name() === word) : undefined
    const options = [...command.options, ...program.options]
    const option = options.find(({ long, short }) => name === long || name === short)
    if (option?.required && name === word && rest.shift() === undefined)
      return { command, values, wrong: `${word} has no value` }
    if (!option && name.startsWith('--') && name !== '--help')
      return { command, values, wrong: `${command.name()} has no option ${word}` }
    if (next) command = next
    else if (!option && !name.startsWith('-')) values.push(word)
  }
  return { command, values, wrong: undefined }
}

/** What is wrong with `polku` and these words; undefined where commander takes them. A part may lack arguments. */
function polkuFault(all: readonly string[], isWhole: boolean): string | undefined {
  const { command, values, wrong } = callOf(all)
  if (wrong !== undefined) return wrong
  const { registeredArguments } = command
  if (command.commands.length > 0 && (values.length > 0 || (isWhole && !all.includes('--help'))))
    return `${command.name()} has no command ${values[0] ?? ''}`
  if (values.length > registeredArguments.length && command.commands.length === 0)
    return `${command.name()} takes no ${values.at(-1)}`
  const required = registeredArguments.filter((argument) => argument.required).length
  return isWhole && values.length < required ? `${command.name()} wants ${required} arguments` : undefined
}

/** Programs that pages may call beside Polku's own: those of every system, of Node and of the tools that they explain. */
const others = /^(cd|mkdir|export|curl|git|docker|node|apt-get)$/

/** What is wrong with a command line of a page. */
function fault(command: string): string | undefined {
  const [first = '', ...rest] = words(command).filter((word) => !/^[A-Z_]+=/.test(word))
  if (first === 'polku') return polkuFault(rest, true)
  if (first === 'npx' && rest[0] === 'polku') return polkuFault(rest.slice(1), true)
  if (first === 'npx' && (rest[0] === 'vitest' || rest[0] === 'biome')) {
    const paths = rest.filter((word) => word.startsWith('test/'))
    return paths.find((path) => !existsSync(join(projectRoot, path)))
  }
  if (first === 'npm') {
    if (/^(ci|install|version)$/.test(rest[0] ?? '')) return undefined
    const script = rest[0] === 'run' ? rest[1] : rest[0]
    return script !== undefined && script in scripts ? undefined : `package.json has no script ${script}`
  }
  return others.test(first) || command.startsWith('-') ? undefined : `nobody knows ${first}`
}

test.each(blocksIn('sh', 'bash'))('the commands at $at are there, with their options', ({ text }) => {
  expect(commandsOf(text).flatMap((command) => fault(command) ?? [])).toEqual([])
})

test.each(pages)('each command that $file names is there', ({ prose }) => {
  const named = [...prose.matchAll(/`((?:npx )?(?:polku|npm) [^`]+)`/g)].map(([, command = '']) => command)
  const faults = named.flatMap((command) => {
    const [first, ...rest] = words(command.replace(/^npx /, ''))
    // In prose a command may be named without all that it wants: `polku new`, `polku check FLOW`.
    return (
      (first === 'polku'
        ? polkuFault(
            rest.filter((word) => !/^[[…]/.test(word)),
            false,
          )
        : fault(command)) ?? []
    )
  })
  expect(faults).toEqual([])
})

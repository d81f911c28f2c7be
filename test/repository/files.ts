import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { projectRoot } from '../../runtime/data/installation.ts'

/** Files git would commit: tracked or new, without what is ignored. */
export const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: projectRoot,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file && existsSync(join(projectRoot, file)))

export const code = files.filter((file) => file.endsWith('.ts'))

export const text = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')

/** The files of the project that a file imports: by `import`, `export … from`, `import()` or `require`, types included. */
export const imports = (file: string): string[] =>
  ts
    .preProcessFile(text(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => relative(projectRoot, resolve(projectRoot, dirname(file), fileName)))

/** The lines of files that a pattern matches, each with its file. */
export const linesLike = (among: readonly string[], pattern: RegExp): string[] =>
  among.flatMap((file) =>
    text(file)
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  )

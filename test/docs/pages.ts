import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../runtime/data/installation.ts'

export interface Block {
  /** `page:line` of its fence. */
  readonly at: string
  readonly language: string
  readonly text: string
  /** What the comment right before it says: `fragment`, `step`, … */
  readonly role: string | undefined
}

export interface Page {
  readonly file: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** Its text without the blocks. */
  readonly prose: string
}

function readPage(file: string): Page {
  const text = readFileSync(join(projectRoot, file), 'utf8')
  const blocks: Block[] = []
  const fence = /^(?:<!-- *(.+?) *-->\n)?```(\w*)\n(.*?)^```$/gms
  const prose = text.replaceAll(fence, (_, role: string | undefined, language: string, content: string, at: number) => {
    const line = text.slice(0, at).split('\n').length + (role === undefined ? 0 : 1)
    blocks.push({ at: `${file}:${line}`, language, text: content, role: role })
    return ''
  })
  return { file, text, blocks, prose }
}

/** The pages that people read: the README, what lies beside it, and docs/. */
export const pages: readonly Page[] = globSync(['*.md', 'docs/**/*.md'], { cwd: projectRoot }).sort().map(readPage)

export const blocksIn = (...languages: readonly string[]): Block[] =>
  pages.flatMap(({ blocks }) => blocks.filter(({ language }) => languages.includes(language)))

/** The anchors of a page's headings, as GitHub makes them. */
export const anchors = ({ prose }: Page): string[] =>
  [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

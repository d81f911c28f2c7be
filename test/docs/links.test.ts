import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../runtime/data/installation.ts'
import { anchors, pages } from './pages.ts'

const pageOf = (path: string) => pages.find(({ file }) => file === path)

/** Why a link of a page leads nowhere; undefined where it leads somewhere. */
function fault(from: string, link: string): string | undefined {
  const [target = '', anchor] = link.split('#')
  const path = target === '' ? from : join(dirname(from), decodeURI(target))
  if (!existsSync(join(projectRoot, path))) return `${from} → ${link}: there is no ${path}`
  const page = pageOf(path)
  if (anchor !== undefined && page && !anchors(page).includes(anchor)) return `${from} → ${link}: no such heading`
  return undefined
}

test('there are pages', () => {
  expect(pages.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/flows.md']))
})

test.each(pages)('each link of $file leads somewhere', ({ file, prose }) => {
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const inside = links.filter((link) => !/^[a-z]+:/.test(link))
  expect(inside.flatMap((link) => fault(file, link) ?? [])).toEqual([])
})

test.each(pages)('$file has no heading twice and says in its contents what there is', (page) => {
  const all = anchors(page)
  const contents = [...page.prose.matchAll(/^ *- \[[^\]]*\]\(#([^)]+)\)$/gm)].map(([, anchor = '']) => anchor)
  expect(contents.filter((anchor) => !all.includes(anchor))).toEqual([])
})

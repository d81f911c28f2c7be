// Slow: needs Chromium.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderDiff } from '../../runtime/notebook/diff/report.ts'
import { notebookText } from '../../runtime/notebook/nbformat/file.ts'
import { findChromium, printToPdf } from '../../runtime/notebook/render/pdf.ts'
import { renderNotebook } from '../../runtime/notebook/render/render.ts'
import { churnNotebook, failedNotebook } from '../fixtures/notebooks/churn-notebook.ts'
import { hostileNotebook } from '../fixtures/notebooks/hostile-notebook.ts'
import { notebook, origin, text } from '../fixtures/notebooks/notebook.ts'
import { polku } from '../runtime/commands/polku.ts'
import { connectBrowser, hasChromium, openReport, pageWidth } from './browser.ts'
import { contentOf } from './pdf-content.ts'

// Reports of notebooks as a reader opens them: from a file, in a real browser, and on paper.

/** By name: the notebook and how many figures it draws. */
const reports = {
  churn: [churnNotebook(), 5],
  failed: [failedNotebook(), 0],
  hostile: [hostileNotebook(), 1],
  prose: [notebook([text('# Title\n\nLead.\n\n## One\n\n$x^2$')]), 0],
} as const
const drawn: readonly (readonly [string, number])[] = [
  ...Object.entries(reports).map(([name, [, figures]]) => [name, figures] as const),
  ['diff', 3],
  ['hostile-diff', 6],
]
const cases = drawn.flatMap(([name, figures]) => [1400, 400].map((width) => [name, width, figures] as const))

describe.skipIf(!hasChromium)('the report of a notebook in the browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polku-notebook-report-'))
    for (const [name, [read]] of Object.entries(reports))
      await writeFile(join(folder, `${name}.html`), renderNotebook(read, origin))
    const sides = [churnNotebook(0), churnNotebook(1), hostileNotebook()].map((notebook) => ({ notebook, origin }))
    const [october, november, hostile] = sides
    if (!october || !november || !hostile) throw new Error('Three notebooks are compared.')
    await writeFile(join(folder, 'diff.html'), renderDiff(october, november))
    await writeFile(join(folder, 'hostile-diff.html'), renderDiff(november, hostile))
    browser = await connectBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (name: string, width: number, javaScriptEnabled = true) =>
    openReport(browser, pathToFileURL(join(folder, `${name}.html`)).href, width, { javaScriptEnabled })

  test.each(cases)(
    '%s at %i pixels: %i figures, no fault, no request, no sideways scroll',
    async (name, width, figures) => {
      const { page, faults } = await open(name, width)
      expect(await page.$$('.plot svg.main-svg').then((drawn) => drawn.length)).toBeGreaterThanOrEqual(figures)
      expect(await page.$$('.undrawn')).toHaveLength(0)
      expect(await pageWidth(page)).toBe(width)
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      expect(
        await page.evaluate('document.querySelectorAll("iframe, object, embed, form, link:not([rel=icon])").length'),
      ).toBe(0)
      expect(faults).toEqual([])
      await page.close()
    },
  )

  test('nothing hostile answers to the pointer or the keyboard', async () => {
    const { page, faults } = await open('hostile', 1400)
    for (const details of await page.$$('details')) await details.click()
    for (const image of await page.$$('main img, main svg:not(.main-svg)'))
      await image.hover({ force: true, timeout: 1000 }).catch(() => undefined) // what is hidden cannot be hovered over
    await page.keyboard.press('Tab')
    await page.hover('.plot')
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(faults).toEqual([])
    await page.close()
  })

  test.each([true, false])('one switch shows all code and folds it again (JavaScript: %s)', async (javaScript) => {
    const { page, faults } = await open('churn', 1400, javaScript)
    const visible = () => page.locator('.code:visible').count()
    expect(await visible()).toBe(0)
    const { cells } = churnNotebook()
    await page.check('#show-code')
    expect(await visible()).toBe(cells.filter((cell) => cell.cell_type === 'code').length)
    const keyword = await page.$eval(
      '.hljs-keyword',
      (word) => word.ownerDocument.defaultView?.getComputedStyle(word).color,
    )
    expect(keyword).toBe('rgb(11, 90, 134)')
    await page.focus('#show-code')
    await page.keyboard.press('Space')
    expect(await visible()).toBe(0)
    expect(faults).toEqual([])
    await page.close()
  })

  test('the contents list leads to its headings, and maths has a height', async () => {
    const { page } = await open('churn', 1400)
    await page.click('.contents a:has-text("Who is at risk")')
    expect(await page.evaluate('location.hash')).toBe('#h-who-is-at-risk')
    expect(
      await page.locator('#h-who-is-at-risk').evaluate((heading) => heading.getBoundingClientRect().top),
    ).toBeLessThan(900)
    const fraction = await page.locator('mfrac').first().boundingBox()
    expect(fraction?.height).toBeGreaterThan(20)
    await page.close()
  })

  test('on paper: no switch, tables whole, code only where it was shown', async () => {
    const { page } = await open('churn', 680)
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('.switch')).toBe(false)
    expect(await page.locator('.code:visible').count()).toBe(0)
    expect(await pageWidth(page)).toBe(680)
    for (const box of await page.$$('.table, .printed'))
      expect(await box.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThan(3)
    await page.close()
  })

  test('the command writes report and PDF, with the figures drawn, and leaves nothing behind', async () => {
    const file = join(folder, 'churn.ipynb')
    await writeFile(file, notebookText(churnNotebook()))
    const before = await readdir(tmpdir())
    const { code, out, error } = await polku(
      folder,
      'notebook',
      'render',
      'churn.ipynb',
      '--out',
      'out/report.html',
      '--pdf',
    )
    expect(error).toBe('')
    expect(code).toBe(0)
    expect(out).toMatch(/Report: out\/report\.html \(\d+\.\d.kB\)\nPDF: out\/report\.pdf\n/)
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['report.html', 'report.pdf'])
    const pdf = await readFile(join(folder, 'out', 'report.pdf'))
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    // The bars and lines of the figures have a blue that nothing else on the page has.
    expect((contentOf(pdf).match(/\b0 \.447\d* \.698\d* rg\b/gi) ?? []).length).toBeGreaterThan(15)
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('polku-pdf-') && !before.includes(name))).toEqual(
      [],
    )
  })

  test('a browser that cannot print is told, and leaves no half file', async () => {
    await writeFile(join(folder, 'chromium'), '#!/bin/sh\necho no display >&2\nexit 7\n', { mode: 0o755 })
    expect(findChromium(folder)).toBe(join(folder, 'chromium'))
    const printing = printToPdf(join(folder, 'prose.html'), join(folder, 'prose.pdf'), folder)
    await expect(printing).rejects.toMatchObject({ code: 'PDF_FAILED', values: { reason: 'no display' } })
    expect((await readdir(folder)).filter((name) => name.includes('pdf'))).toEqual([])
  })
})

test('without a Chromium a PDF is refused with what to do', async () => {
  await expect(printToPdf('/nowhere/a.html', '/nowhere/a.pdf', '/nowhere')).rejects.toMatchObject({
    code: 'PDF_NO_BROWSER',
  })
})

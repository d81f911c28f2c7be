// Slow: needs Chromium.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunRecord } from '../../runtime/run/record.ts'
import { renderReport } from '../../runtime/run/report/report.ts'
import { hangs } from '../fixtures/hangs.ts'
import { churnRun, failedRun } from '../fixtures/runs/churn-run.ts'
import { hostileRun } from '../fixtures/runs/hostile-run.ts'
import { connectBrowser, hasChromium, openReport, pageWidth } from './browser.ts'
import { contentOf } from './pdf-content.ts'

// Reports as a reader opens them: from a file, in a real browser.

const reports: [string, () => RunRecord, number][] = [
  ['complete', churnRun, 8],
  ['failed', failedRun, 2],
  ['hostile', hostileRun, 4],
]

const widths = [1400, 400]
const cases = reports.flatMap(([name, , figures]) => widths.map((width) => [name, width, figures] as const))

describe.skipIf(!hasChromium)('a report in the browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polku-report-'))
    for (const [name, record] of reports) await writeFile(join(folder, `${name}.html`), renderReport(record()))
    browser = await connectBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (name: string, width: number, javaScriptEnabled = true) =>
    openReport(browser, pathToFileURL(join(folder, `${name}.html`)).href, width, { javaScriptEnabled, anchors: true })

  /** Of every figure: how wide its drawing is, how wide the room for it, and how many shapes it has drawn. */
  const drawings = (page: Page): Promise<{ width: number; room: number; shapes: number }[]> =>
    page.$$eval('.plot', (plots) =>
      plots.map((plot) => ({
        width: plot.querySelector('svg.main-svg')?.getBoundingClientRect().width ?? 0,
        room: plot.getBoundingClientRect().width,
        shapes: plot.querySelectorAll('.trace path, .slice path, .hm image, .heatmaplayer image').length,
      })),
    )

  test.each(cases)(
    '%s at %i pixels: %i figures, no fault, no request, no sideways scroll',
    async (name, width, figures) => {
      const { page, faults } = await open(name, width)
      expect(await page.getAttribute('html', 'data-drawn')).toBe(String(figures))
      expect(await page.$$('svg.main-svg').then((drawn) => drawn.length)).toBeGreaterThanOrEqual(figures)
      expect(await page.$$('.undrawn')).toHaveLength(0)
      expect(await pageWidth(page)).toBe(width)
      for (const { width: drawn, room, shapes } of await drawings(page)) {
        expect(drawn).toBeLessThanOrEqual(room + 1)
        if (name !== 'hostile') expect(shapes).toBeGreaterThan(0)
      }
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      expect(faults).toEqual([])
      await page.close()
    },
  )

  test('links in hostile texts are text: nothing to follow but the report’s own anchors', async () => {
    const { page, faults } = await open('hostile', 1400)
    const targets: string[] = await page.$$eval('a', (links) =>
      links.map((link) => link.getAttribute('href') ?? link.getAttribute('xlink:href') ?? ''),
    )
    // Plotly's toolbar has anchors without an address.
    expect(targets.filter((target) => target !== '' && !target.startsWith('#'))).toEqual([])
    for (const link of (await page.$$('main a[href^="#"]')).slice(0, 5)) await link.click()
    await page.hover('.plot')
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(faults).toEqual([])
    await page.close()
  })

  test('figures answer to the pointer, and are saved as SVG without breaking the policy', async () => {
    const { page, faults } = await open('complete', 1400)
    const bar = page.locator('[data-figure="4"] .bars .point path').first()
    await bar.scrollIntoViewIfNeeded()
    // Plotly lays a surface of its own over the bars, which takes the pointer.
    await bar.hover({ force: true })
    await page.waitForSelector('[data-figure="4"] .hoverlayer .hovertext')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-figure="4"] .modebar-btn[data-title*="ownload"]').click(),
    ])
    expect(download.suggestedFilename()).toBe('lift-by-decile.svg')
    expect(faults).toEqual([])
    await page.close()
  })

  test('figures follow the window', async () => {
    const { page } = await open('complete', 1400)
    const [before] = await drawings(page)
    await page.setViewportSize({ width: 700, height: 900 })
    // The policy refuses a text as code, so the page is asked until it answers.
    await expect
      .poll(async () => (await drawings(page))[0]?.width, { timeout: hangs })
      .toBeLessThan((before?.width ?? 0) - 100)
    for (const drawing of await drawings(page)) expect(drawing.width).toBeLessThanOrEqual(drawing.room + 1)
    expect(await pageWidth(page)).toBe(700)
    await page.close()
  })

  test('tables and the flow scroll in their own boxes on a phone', async () => {
    const { page } = await open('complete', 400)
    const scrolling: number = await page.$$eval(
      '.scroll',
      (boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth).length,
    )
    expect(scrolling).toBeGreaterThan(0)
    expect(await page.evaluate("getComputedStyle(document.querySelector('.table th')).position")).toBe('sticky')
    await page.close()
  })

  test('without JavaScript everything but the drawings can be read', async () => {
    const { page, faults } = await open('complete', 1400, false)
    expect(await page.isVisible('noscript .callout')).toBe(true)
    expect(await page.isVisible('figcaption >> nth=0')).toBe(true)
    await page.click('details >> nth=0')
    expect(await page.isVisible('text=windows-1252')).toBe(true)
    expect(
      await page.$$eval('.plot', (plots) => plots.every((plot) => plot.getBoundingClientRect().height === 0)),
    ).toBe(true)
    expect(faults).toEqual([])
    await page.close()
  })

  test('on paper the figures are drawn for the sheet, whole, and come back to the window after', async () => {
    const { page, faults } = await open('complete', 1400)
    const [before] = await drawings(page)
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []
    expect(pages.length).toBeGreaterThan(5)
    expect(pages.length).toBeLessThan(20)
    // The bars and lines of the figures have a blue that nothing else on the page has.
    const blues = contentOf(pdf).match(/\b0 \.447\d* \.698\d* rg\b/gi) ?? []
    expect(blues.length).toBeGreaterThan(20)
    const [after] = await drawings(page)
    expect(after?.width).toBe(before?.width)

    // A4 less its margins; what Chromium lays out when it prints.
    await page.setViewportSize({ width: 680, height: 1000 })
    await page.emulateMedia({ media: 'print' })
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for (const drawing of await drawings(page)) {
      expect(drawing.width).toBe(680)
      expect(drawing.room).toBeGreaterThanOrEqual(drawing.width)
    }
    expect(await pageWidth(page)).toBe(680)
    expect(await page.isVisible('details')).toBe(false)
    expect(faults).toEqual([])
    await page.close()
  })
})

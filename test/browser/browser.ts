import { existsSync } from 'node:fs'
import { type Browser, chromium as browsers, type Page } from 'playwright-core'
import { inject } from 'vitest'
import { chromium } from '../fixtures/parts.ts'

export const hasChromium = existsSync(chromium)

/** The browser that all files of a run share; its pages are closed when the file that opened them closes it. */
export async function connectBrowser(): Promise<Browser> {
  const answer = await fetch(inject('browserServer'))
  const text = await answer.text()
  if (!answer.ok) throw new Error(`Chromium does not start: ${text}`)
  return browsers.connect(text)
}

/** Collects in `faults` whatever a page complains about, wherever it goes and whatever it asks for. */
export function watchPage(page: Page, isOwn: (url: string) => boolean): string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    // Hints of the browser’s own, which its types do not know of.
    if (String(message.type()) !== 'verbose') faults.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`))
  page.on('popup', (popup) => faults.push(`popup: ${popup.url()}`))
  page.on('request', (request) => {
    if (!isOwn(request.url()) && !request.url().startsWith('data:')) faults.push(`request: ${request.url()}`)
  })
  return faults
}

/** Opens a report of a file and waits for its figures; `anchors` says whether the test follows the report's own. */
export async function openReport(
  browser: Browser,
  url: string,
  width: number,
  { javaScriptEnabled = true, anchors = false } = {},
): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, javaScriptEnabled })
  const faults = watchPage(page, (address) => address === url)
  page.on('framenavigated', (frame) => {
    const address = anchors ? frame.url().replace(/#.*$/, '') : frame.url()
    if (address !== url) faults.push(`navigation: ${frame.url()}`)
  })
  await page.goto(url)
  if (javaScriptEnabled && (await page.$('[data-figure]'))) await page.waitForSelector('html[data-drawn]')
  return { page, faults }
}

export const pageWidth = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth')

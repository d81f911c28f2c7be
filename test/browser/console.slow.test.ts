// Slow: needs Chromium.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../fixtures/app.ts'
import { hangs } from '../fixtures/hangs.ts'
import { connectBrowser, hasChromium, pageWidth, watchPage } from './browser.ts'
import { writeHostileClient } from './console-client.ts'

// The pages as people use them: an analyst, an operator, a reviewer and an administrator, in a real browser.

const patience = hangs

describe.skipIf(!hasChromium)('the console in the browser', () => {
  let server: TestApp
  let base: string
  let browser: Browser
  beforeAll(async () => {
    server = await testApp(['first'], { slots: 2 })
    writeHostileClient(server.folder)
    base = await server.app.listen({ host: '127.0.0.1', port: 0 })
    browser = await connectBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.end()
  })

  /** A browser of one's own; `faults` fills with whatever it complains about and whatever it asks elsewhere. */
  const open = async (options: { javaScriptEnabled?: boolean } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(patience)
    const faults = watchPage(page, (url) => url.startsWith(base))
    return { page, faults }
  }

  const signIn = async (page: Page, token: string, path = '/') => {
    await page.goto(base + path)
    await page.getByLabel('Your token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL((url) => url.pathname === path)
  }

  const hacked = (page: Page): Promise<unknown> => page.evaluate('window.hacked')
  const state = (page: Page) => page.locator('.run-facts .badge')

  test('a wrong token is told plainly, a right one leads to where one wanted to go', async () => {
    const { page } = await open()
    await page.goto(`${base}/clients/first`)
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    await page.getByLabel('Your token').fill('polku_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => page.getByRole('alert').textContent(), { timeout: hangs }).toContain('does not hold')
    await page.getByLabel('Your token').fill(server.token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${base}/clients/first`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${base}/sign-in`)
    await page.goto(`${base}/clients/first`)
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  })

  test('an analyst starts a run, watches it to its end without reloading, and opens its report', async () => {
    const { page, faults } = await open()
    await signIn(page, (await server.person('analyst')).token, '/clients/first/flows/two')
    await page.getByLabel('Add').fill('5')
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.waitForURL(/\/clients\/first\/runs\//)
    const address = page.url()
    await page.evaluate('window.same = true')
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Complete')
    expect(await page.evaluate('window.same')).toBe(true)
    expect(await page.getByRole('status').textContent()).toBe('2 of 2 steps are done.')
    expect(await page.locator('#step-2').textContent()).toMatch(/S1\s*done\s*3/)
    expect(await page.getByRole('button', { name: 'Cancel this run' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Open the report' }).click()
    await page.waitForSelector('.run-facts')
    await page.goto(address)
    await page.getByText('Run it again', { exact: true }).first().click()
    await page.getByLabel('What is done anew').selectOption('s1')
    await page.getByLabel('Add').fill('6')
    await page.getByRole('button', { name: 'Run it again' }).click()
    await page.waitForURL((url) => url.href !== address && url.pathname.includes('/runs/'))
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Complete')
    expect(await page.getByRole('link', { name: 'an earlier run' }).getAttribute('href')).toBe(
      new URL(address).pathname,
    )
    expect(await page.locator('.pairs').textContent()).toContain('6')
    expect(faults).toEqual([])
  })

  test('an operator cancels a run and pauses a client; what is refused is said where it was asked', async () => {
    const { page, faults } = await open()
    await signIn(page, (await server.person('operator')).token, '/clients/first/flows/endless')
    await page.getByLabel('As of').fill('2026-01-01')
    await page.getByRole('button', { name: 'Start a run' }).click()
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Running')
    await page.getByRole('button', { name: 'Cancel this run' }).click()
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Cancelled')
    await page.goto(`${base}/clients/first`)
    await page.getByRole('button', { name: 'Pause this client' }).click()
    await page.getByText('Paused: nothing starts by itself').waitFor()
    await page.getByRole('button', { name: 'Resume this client' }).click()
    await page.getByRole('button', { name: 'Pause this client' }).waitFor()
    expect(faults).toEqual([])
    await page.goto(`${base}/clients/first/secrets`)
    await page.getByLabel('Name').fill('small')
    await page.getByLabel('Value').fill('short')
    await page.getByRole('button', { name: 'Put it in' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('small')
    expect(await page.content()).not.toContain('value="short"')
  })

  test('a hostile client’s names, columns and problems are text on every page', async () => {
    const { page, faults } = await open()
    await signIn(page, server.token)
    for (const flow of ['odd', 'missing']) {
      await page.goto(`${base}/clients/hostile/flows/${flow}`)
      await page.getByRole('button', { name: 'Start a run' }).click()
      await expect.poll(() => state(page).textContent(), { timeout: patience }).toMatch(/Complete|Failed/)
      expect(await page.locator('main').textContent()).toContain(flow === 'odd' ? 'Complete' : 'This run failed')
      expect(await hacked(page)).toBeUndefined()
    }
    expect(await page.locator('.problem').textContent()).toContain('<script>')
    await page.goto(base)
    expect(await page.locator('.warnings').textContent()).toContain('A file that is not there')
    await page.goto(`${base}/clients/hostile/flows/odd`)
    await page.locator('table a[href*="/runs/"]').first().click()
    await page.getByText('What it found').waitFor()
    await page.locator('#step-1 a').click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(await page.locator('.columns').first().textContent()).toContain('<script>')
    expect(await hacked(page)).toBeUndefined()
    for (const path of ['/', '/clients/hostile', '/clients/hostile/flows/train', '/clients/hostile/runs', '/audit'])
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto(base + path)
        expect(await hacked(page), path).toBeUndefined()
        expect(await pageWidth(page), `${path} at ${width}`).toBe(width)
        expect(await page.locator('main script, main img').count()).toBe(0)
      }
    await page.goto(`${base}/clients/hostile/flows/train`)
    expect(await page.locator('h1').textContent()).toContain('<script>')
    expect(faults).toEqual([])
  })

  test('a model is approved by a reviewer on its report, and not by who published it', async () => {
    const { page, faults } = await open()
    await signIn(page, server.token, '/clients/hostile/flows/train')
    await page.getByRole('button', { name: 'Start a run' }).click()
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Complete')
    const version = '/clients/hostile/models/churn/versions/1'
    await page.goto(base + version)
    await page.frameLocator('iframe').locator('.run-facts').waitFor()
    expect(faults).toEqual([])
    await page.getByRole('button', { name: 'Approve version 1' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('does not approve it')
    const reviewer = await open()
    await signIn(reviewer.page, (await server.person('reviewer')).token, version)
    await reviewer.page.getByLabel('Note').fill('Judged by its lift. <b>')
    await reviewer.page.getByRole('button', { name: 'Approve version 1' }).click()
    await reviewer.page.getByText('Approved', { exact: true }).waitFor()
    expect(await reviewer.page.locator('main').textContent()).toContain('Judged by its lift. <b>')
    expect(await reviewer.page.getByRole('button', { name: 'Start a run' }).count()).toBe(0)
    expect(await hacked(reviewer.page)).toBeUndefined()
    expect(reviewer.faults).toEqual([])
  })

  test('an administrator lets somebody in, who signs in with the token that is shown once', async () => {
    const { page, faults } = await open()
    await signIn(page, server.token, '/people')
    await page.getByLabel('Name').fill('Aino Analyytikko')
    await page.getByLabel('Clients').fill('first')
    await page.getByRole('button', { name: 'Let them in' }).click()
    await page.getByLabel('What it is for').fill('laptop')
    await page.getByRole('button', { name: 'Make a token' }).click()
    const token = (await page.locator('.secret').textContent()) ?? ''
    const aino = await open()
    await signIn(aino.page, token)
    expect(await aino.page.locator('main').textContent()).toContain('first (invented)')
    expect(await aino.page.locator('main').textContent()).not.toContain('Oy')
    expect(await aino.page.getByRole('link', { name: 'People' }).count()).toBe(0)
    expect(faults).toEqual([])
    await page.getByRole('link', { name: 'Go on' }).click()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('revoked').waitFor()
    await aino.page.reload()
    expect(new URL(aino.page.url()).pathname).toBe('/sign-in')
    expect(aino.faults).toEqual([])
  })

  test('without scripts a run is started and seen to its end by a page that asks again', async () => {
    const { page, faults } = await open({ javaScriptEnabled: false })
    await signIn(page, server.token, '/clients/first/flows/two')
    await page.getByRole('button', { name: 'Start a run' }).click()
    await expect.poll(() => state(page).textContent(), { timeout: patience }).toBe('Complete')
    expect(faults).toEqual([])
  })
})

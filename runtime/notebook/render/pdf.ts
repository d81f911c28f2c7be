import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryPath } from '../../data/stale-temporary.ts'
import { PolkuError } from '../../errors/errors.ts'

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // absent or not ours to run: the next one is tried
  }
}

/** The path of a Chromium on this machine, looked for on `path` (as in PATH) and where systems install it. */
export const findChromium = (path: string): string | undefined => {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const candidates = commands.flatMap((command) => folders.map((folder) => join(folder, command)))
  return [...candidates, ...places].find(runs)
}

// Of the page's own clock, which the browser winds on as soon as nothing is left to do.
const drawingTime = 30_000
const patience = 120_000

const switches = (profile: string, out: string): string[] => [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-extensions',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--user-data-dir=${profile}`,
  '--no-pdf-header-footer',
  '--run-all-compositor-stages-before-draw',
  `--virtual-time-budget=${drawingTime}`,
  // Chromium refuses to run its sandbox as root, as in a container. The page is ours, and its policy runs only us.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  `--print-to-pdf=${out}`,
]

/**
 * Prints the HTML file `page` to the PDF `out`, whole or not at all, with its figures drawn.
 * Throws PDF_NO_BROWSER, PDF_FAILED.
 */
export async function printToPdf(page: string, out: string, path = process.env.PATH ?? ''): Promise<void> {
  const chromium = findChromium(path)
  if (chromium === undefined) throw new PolkuError('PDF_NO_BROWSER')
  const folder = mkdtempSync(join(tmpdir(), 'polku-pdf-'))
  const unfinished = temporaryPath(join(out, '..'), 'pdf')
  try {
    const child = spawn(chromium, [...switches(folder, unfinished), pathToFileURL(page).href], {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: AbortSignal.timeout(patience),
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(-2000)
    })
    const [code] = await once(child, 'close')
    if (code !== 0 || !existsSync(unfinished))
      throw new PolkuError('PDF_FAILED', {
        browser: chromium,
        reason: said.trim().split('\n').at(-1) ?? `exit ${code}`,
      })
    renameSync(unfinished, out)
  } catch (error) {
    if (error instanceof PolkuError) throw error
    throw new PolkuError('PDF_FAILED', { browser: chromium, reason: String(error) }, {}, error)
  } finally {
    rmSync(unfinished, { force: true })
    // The browser's helpers may still be writing their last.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

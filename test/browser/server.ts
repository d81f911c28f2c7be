import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BrowserServer, chromium as browsers } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromium } from '../fixtures/parts.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests of a run ask for their browser. */
    readonly browserServer: string
  }
}

const args =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** One Chromium for all files of a run, started when the first of them asks for it. */
export default async function ({ provide }: TestProject): Promise<() => Promise<void>> {
  let launched: Promise<BrowserServer> | undefined
  const listener = createServer(async (_, response) => {
    try {
      launched ??= browsers.launchServer({ executablePath: chromium, args: args.split(' '), host: '127.0.0.1' })
      response.end((await launched).wsEndpoint())
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  provide('browserServer', `http://127.0.0.1:${(listener.address() as AddressInfo).port}`) // it listens on a port
  return async () => {
    listener.close()
    await (await launched?.catch(() => undefined))?.close()
  }
}

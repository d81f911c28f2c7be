import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'

// A report as text: its scripts and styles, its policy, its data, and what a reader sees of it.

export const blocks = /<(script|style)\b([^>]*)>([\s\S]*?)<\/\1>/g
export const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
export const policyOf = (report: string): string =>
  /Content-Security-Policy" content="([^"]*)"/.exec(report)?.[1]?.replaceAll('&#39;', "'") ?? ''
export const block = (report: string, id: string): string =>
  inflateSync(Buffer.from(new RegExp(`id="${id}">([A-Za-z0-9+/=]*)<`).exec(report)?.[1] ?? '', 'base64')).toString()

/** The markup without scripts and styles, and what a reader sees of it. */
export const markup = (report: string): string => report.replace(blocks, '')
export const visibleText = (report: string): string =>
  markup(report)
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/[\s\u202f\u00a0]+/g, ' ')

import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import r from 'highlight.js/lib/languages/r'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import yaml from 'highlight.js/lib/languages/yaml'
import { type Html, html, readable, trusted } from '../../html/html.ts'

const languages = { bash, javascript, json, python, r, sql, typescript, yaml }
for (const [name, grammar] of Object.entries(languages)) hljs.registerLanguage(name, grammar)

// Colouring longer code takes longer than a reader gains by it.
const longestColoured = 50_000

/** Code with classes for its parts; plain where the language is not known. */
export const highlighted = (code: string, language: string): Html => {
  const name = language.toLowerCase()
  if (code.length > longestColoured || !hljs.getLanguage(name)) return html`${code}`
  // highlight.js escapes the code and adds spans of its own classes only.
  return trusted(hljs.highlight(readable(code), { language: name, ignoreIllegals: true }).value)
}

/** A block of code. */
export const codeBlock = (code: string, language: string): Html =>
  html`<pre class="code-block scroll" tabindex="0"><code>${highlighted(code, language)}</code></pre>`

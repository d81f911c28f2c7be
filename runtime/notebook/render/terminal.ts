import { AnsiUp } from 'ansi_up'
import { type Html, readable, trusted } from '../../html/html.ts'

// What a program prints for a terminal. Colours become classes, because the page's policy allows no style attribute.

const styled = /<span(?: style="([^"]*)")?(?: class="([^"]*)")?>/g

/** The words of `style` that ansi_up puts where a colour has no class; what is not one of our words is a colour in RGB. */
const wordsOf = (style: string | undefined): string[] =>
  (style ?? '').split(';').filter((word) => /^ansi-\w+$/.test(word))

/** A line with each sign that a backspace follows taken back. */
const withoutTakenBack = (line: string): string => {
  const signs: string[] = []
  for (const sign of line) {
    if (sign === '\b') signs.pop()
    else signs.push(sign)
  }
  return signs.join('')
}

/** A line as a terminal shows it at the end: a carriage return begins it anew. */
const visible = (line: string): string => {
  const last = line.includes('\r') ? (line.split('\r').findLast((part) => part !== '') ?? '') : line
  return last.includes('\b') ? withoutTakenBack(last) : last
}

/** Text with the terminal's colours and weights as markup; other escape sequences vanish. */
export const terminalText = (text: string): Html => {
  const ansi = new AnsiUp()
  ansi.use_classes = true
  ansi.url_allowlist = {}
  ansi.boldStyle = 'ansi-bold'
  ansi.faintStyle = 'ansi-faint'
  ansi.italicStyle = 'ansi-italic'
  ansi.underlineStyle = 'ansi-underline'
  const markup = ansi.ansi_to_html(text.split('\n').map(visible).join('\n'))
  // The text is escaped, so each `<span` is one that ansi_up wrote.
  const classed = markup.replace(styled, (_, style?: string, classes?: string) => {
    const names = [...wordsOf(style), ...(classes ? [classes] : [])].join(' ')
    return names === '' ? '<span>' : `<span class="${names}">`
  })
  return trusted(readable(classed))
}

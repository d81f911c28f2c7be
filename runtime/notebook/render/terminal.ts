import { AnsiUp } from 'ansi_up'
import { type Html, readable, trusted } from '../../run/report/html.ts'

// What a program prints for a terminal. Colours become classes, because the page's policy allows no style attribute.

const styled = /<span(?: style="([^"]*)")?(?: class="([^"]*)")?>/g

/** The words of `style` that ansi_up puts where a colour has no class; what is not one of our words is a colour in RGB. */
const wordsOf = (style: string | undefined): string[] =>
  (style ?? '').split(';').filter((word) => /^ansi-\w+$/.test(word))

/** What a terminal shows at the end: a carriage return starts the line anew, a backspace takes a sign back. */
const settled = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      let last = line.includes('\r') ? (line.split('\r').findLast((part) => part !== '') ?? '') : line
      // One pass a sign: a run of backspaces takes back a run of signs.
      while (last.includes('\b')) {
        const shorter = last.replace(/[^\b]\b/g, '')
        if (shorter === last) break
        last = shorter
      }
      return last
    })
    .join('\n')

/** Text with the terminal's colours and weights as markup; other escape sequences vanish. */
export const terminalText = (text: string): Html => {
  const ansi = new AnsiUp()
  ansi.use_classes = true
  ansi.url_allowlist = {}
  ansi.boldStyle = 'ansi-bold'
  ansi.faintStyle = 'ansi-faint'
  ansi.italicStyle = 'ansi-italic'
  ansi.underlineStyle = 'ansi-underline'
  const markup = ansi.ansi_to_html(settled(text))
  // The text is escaped, so each `<span` is one that ansi_up wrote.
  const classed = markup.replace(styled, (_, style?: string, classes?: string) => {
    const names = [...wordsOf(style), ...(classes ? [classes] : [])].join(' ')
    return names === '' ? '<span>' : `<span class="${names}">`
  })
  return trusted(readable(classed))
}

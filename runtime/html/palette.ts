// Every colour of reports, notebooks and console. Style sheets name them as custom properties, `--stopped-line` for
// `stoppedLine`; figures and drawings take them from here.

export const palette = {
  ink: '#1d2a32',
  soft: '#55646e',
  line: '#dfe5e9',
  faintLine: '#edf0f2',
  strongLine: '#c6cfd6',
  connector: '#b4bfc7',
  fieldLine: '#8a99a4',
  ground: '#f6f8f9',
  paper: '#fff',
  accent: '#0b5a86',
  accentDark: '#084a6e',
  accentPale: '#e8f1f7',
  done: '#0b6b4f',
  donePale: '#e5f3ee',
  failed: '#b3261e',
  failedPale: '#fceeed',
  failedLine: '#e9cfcd',
  stopped: '#8a5200',
  stoppedLine: '#c98500',
  stoppedPale: '#fdf3e1',
  changedPale: '#fdf8ea',
  note: '#9fb3c0',
  notePale: '#f1f5f7',
  head: '#eef2f4',
  headLine: '#cfd8de',
  headPale: '#f7f9fa',
  codePale: '#fafbfc',
  printed: '#33434d',
  bar: '#7fb2d3',
  markDone: '#0b8a66',
  markCached: '#3f94c9',
  comment: '#66757f',
  purple: '#8a3a72',
  cyan: '#0a6673',
  redGround: '#f6d5d2',
  greenGround: '#cfe9df',
  yellowGround: '#f8e3b8',
  blueGround: '#cfe1ee',
  purpleGround: '#ecd6e5',
  cyanGround: '#cfe8eb',
  inlineBar: '#4b7bab',
} as const

/**
 * The colours of a figure's traces, by Okabe and Ito (2008), "Color Universal Design", without their yellow, which is
 * too faint on white, and with a grey for what is not the point.
 */
export const traceColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#6b7780'] as const

type Scale = readonly (readonly [number, string])[]

export const sequential: Scale = [
  [0, '#f2f7fa'],
  [0.25, '#c6dfed'],
  [0.5, '#8cc0de'],
  [0.75, '#4b96c4'],
  [1, palette.accent],
]

/** Orange below, blue above: told apart with every kind of colour vision, and light where nothing is to be said. */
export const diverging: Scale = [
  [0, '#b04a00'],
  [0.25, '#f0b27a'],
  [0.5, '#f7f5f2'],
  [0.75, '#7fb6d9'],
  [1, palette.accent],
]

const property = ([name, colour]: [string, string]): string =>
  `  --${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${colour};`

/** The palette as a style sheet. Custom properties do not reach a sheet of paper's margin, so its colour stands here. */
export const paletteSheet = `:root {
${Object.entries(palette).map(property).join('\n')}
}

@page {
  @bottom-right {
    color: ${palette.soft};
  }
}
`

// The house look of figures. Colours by Okabe and Ito (2008), "Color Universal Design", without their
// yellow, which is too faint on white, and with a grey for what is not the point.

const ink = '#22313a'
const faint = '#55646e'
const line = '#dfe5e9'
const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

const colourway = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#6b7780'] as const

const sequential = [
  [0, '#f2f7fa'],
  [0.25, '#c6dfed'],
  [0.5, '#8cc0de'],
  [0.75, '#4b96c4'],
  [1, '#0b5a86'],
]

// Orange below, blue above: told apart with every kind of colour vision, and light where nothing is to be said.
const diverging = [
  [0, '#b04a00'],
  [0.25, '#f0b27a'],
  [0.5, '#f7f5f2'],
  [0.75, '#7fb6d9'],
  [1, '#0b5a86'],
]

/** The house's colours for Plotly's names of scales, whose own are too dark to read numbers on. */
export const houseScales: Readonly<Record<string, typeof sequential>> = { Blues: sequential, RdBu: diverging }

const colorbar = { outlinewidth: 0, thickness: 12, len: 0.9, tickfont: { color: faint, size: 12 } }

const axis = {
  automargin: true,
  autotickangles: [0, 90],
  gridcolor: line,
  linecolor: '#b4bfc7',
  zerolinecolor: '#b4bfc7',
  zerolinewidth: 1,
  // Ticks without colour keep the labels off the axis.
  ticks: 'outside',
  ticklen: 6,
  tickcolor: 'rgba(0,0,0,0)',
  tickfont: { color: faint, size: 12 },
  title: { font: { color: faint, size: 12.5 }, standoff: 12 },
}

/** What every figure gets unless its node says otherwise. */
export const template = {
  layout: {
    colorway: colourway,
    colorscale: {
      sequential,
      sequentialminus: sequential.map(([at, colour]) => [1 - Number(at), colour]).reverse(),
      diverging,
    },
    font: { family: fonts, size: 13, color: ink },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 12, r: 16, t: 14, b: 12 },
    bargap: 0.28,
    hoverlabel: { bgcolor: '#fff', bordercolor: '#b4bfc7', font: { family: fonts, size: 12.5, color: ink } },
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom', font: { size: 12.5 } },
    xaxis: axis,
    yaxis: axis,
  },
  data: {
    bar: [{ marker: { line: { width: 0 } }, textfont: { size: 12 }, textangle: 0 }],
    heatmap: [{ xgap: 2, ygap: 2, colorscale: sequential, colorbar }],
    histogram2d: [{ colorscale: sequential, colorbar }],
    contour: [{ colorscale: sequential, colorbar }],
    pie: [
      {
        marker: { line: { color: '#fff', width: 1.5 } },
        textinfo: 'label+percent',
        insidetextorientation: 'horizontal',
        sort: false,
      },
    ],
  },
}

export const defaultHeight = 360
export const heights = { least: 200, most: 900 }

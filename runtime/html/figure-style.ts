import { diverging, palette, sequential, traceColours } from './palette.ts'

// The house look of figures.

const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

/** The house's colours for Plotly's names of scales, whose own are too dark to read numbers on. */
export const houseScales: Readonly<Record<string, typeof sequential>> = { Blues: sequential, RdBu: diverging }

const colorbar = { outlinewidth: 0, thickness: 12, len: 0.9, tickfont: { color: palette.soft, size: 12 } }

const axis = {
  automargin: true,
  autotickangles: [0, 90],
  gridcolor: palette.line,
  linecolor: palette.connector,
  zerolinecolor: palette.connector,
  zerolinewidth: 1,
  // Ticks without colour keep the labels off the axis.
  ticks: 'outside',
  ticklen: 6,
  tickcolor: 'rgba(0,0,0,0)',
  tickfont: { color: palette.soft, size: 12 },
  title: { font: { color: palette.soft, size: 12.5 }, standoff: 12 },
}

/** What every figure gets unless its node says otherwise. */
export const template = {
  layout: {
    colorway: traceColours,
    colorscale: {
      sequential,
      sequentialminus: sequential.map(([at, colour]) => [1 - Number(at), colour]).reverse(),
      diverging,
    },
    font: { family: fonts, size: 13, color: palette.ink },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 12, r: 16, t: 14, b: 12 },
    bargap: 0.28,
    hoverlabel: {
      bgcolor: palette.paper,
      bordercolor: palette.connector,
      font: { family: fonts, size: 12.5, color: palette.ink },
    },
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
        marker: { line: { color: palette.paper, width: 1.5 } },
        textinfo: 'label+percent',
        insidetextorientation: 'horizontal',
        sort: false,
      },
    ],
  },
}

export const defaultHeight = 360
export const heights = { least: 200, most: 900 }

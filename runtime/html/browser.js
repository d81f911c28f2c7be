// Runs in the reader's browser: unpacks Plotly and the figures that the page carries, and draws them.
// The page's content security policy lists this text by its hash, and Plotly's by another.

;(() => {
  // Plotly sets style attributes, which the policy forbids as text; set through the CSSOM they are allowed.
  const setAttribute = Element.prototype.setAttribute
  Element.prototype.setAttribute = function (name, value) {
    if (name === 'style') this.style.cssText = value
    else setAttribute.call(this, name, value)
  }

  // A4 less its margins, in CSS pixels, and flat enough for three figures on a page.
  const printWidth = 680
  const printShare = 0.8
  const plots = [...document.querySelectorAll('[data-figure]')]

  const unpack = (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0))
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))).text()
  }

  const config = {
    responsive: true,
    displaylogo: false,
    showTips: false,
    // SVG needs no canvas, which would ask for images the policy forbids, and prints sharply in a presentation.
    toImageButtonOptions: { format: 'svg' },
    modeBarButtonsToRemove: ['zoom2d', 'pan2d', 'select2d', 'lasso2d', 'zoomIn2d', 'zoomOut2d', 'autoScale2d'],
  }

  // An axis' title that is wider than a phone would be cut at its edge.
  const narrow = (text) => text.replace(/<br>/g, ' ').replace(/(.{16,30}?)\s+(?=\S{2})/g, '$1<br>')

  const forPhone = (layout) => {
    // On a phone a finger on a figure must scroll the page, not zoom the figure.
    const narrowed = { ...layout, dragmode: false }
    for (const [name, axis] of Object.entries(layout))
      if (/^[xy]axis/.test(name) && typeof axis?.title?.text === 'string')
        narrowed[name] = { ...axis, title: { ...axis.title, text: narrow(axis.title.text) } }
    return narrowed
  }

  const draw = async (plot, figure) => {
    const touch = matchMedia('(pointer: coarse), (max-width: 44rem)').matches
    const layout = touch ? forPhone(figure.layout) : figure.layout
    plot.dataset.height = figure.layout.height
    plot.style.height = `${figure.layout.height}px`
    await window.Plotly.newPlot(plot, figure.data, layout, {
      ...config,
      displayModeBar: touch ? false : 'hover',
      toImageButtonOptions: { ...config.toImageButtonOptions, filename: figure.file },
    })
  }

  const failed = (plot, reason) => {
    plot.classList.add('undrawn')
    plot.textContent = `This figure could not be drawn: ${reason}`
  }

  const drawAll = async () => {
    const [code, figures] = await Promise.all([unpack('plotly'), unpack('figures').then(JSON.parse)])
    const script = document.createElement('script')
    script.textContent = code
    document.head.append(script)
    for (const plot of plots) {
      try {
        await draw(plot, figures[Number(plot.dataset.figure)])
      } catch (error) {
        failed(plot, error.message)
      }
    }
  }

  const resize = (plot, share, size) => {
    const height = Math.round(plot.dataset.height * share)
    plot.style.height = `${height}px`
    window.Plotly.relayout(plot, { ...size, height })
  }

  const drawn = () => plots.filter((plot) => plot.classList.contains('js-plotly-plot'))
  addEventListener('beforeprint', () => {
    for (const plot of drawn()) resize(plot, printShare, { width: printWidth, autosize: false })
  })
  addEventListener('afterprint', () => {
    for (const plot of drawn()) resize(plot, 1, { width: null, autosize: true })
  })

  drawAll()
    .catch((error) => {
      for (const plot of plots) failed(plot, `${error.message}. A browser of 2023 or newer is needed.`)
    })
    .finally(() => {
      document.documentElement.dataset.drawn = String(drawn().length)
    })
})()

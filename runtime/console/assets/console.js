// What pages do beyond HTML: a run's page follows its run, and times say what the reader's own clock shows.
// Everything works without it: the page is then asked again every few seconds.

const least = 700
/** The events of a run. Should there be more than these, the page is still looked at anew now and then. */
const eventNames = [
  ...['run started', 'run done', 'run failed', 'run stopped', 'run cancelled'],
  ...['step started', 'step progress', 'step done', 'step failed', 'step stopped', 'step skipped'],
]
const nowAndThen = 10_000
/** What the service said of each part last: what readers opened since is no change. */
const rendered = new Map()

/** Puts in what the page says now, part by part, so that focus and scrolling stay where they are. */
const renew = async () => {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!answer.ok || answer.redirected) throw new Error('The page is not there any more.')
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const part of document.querySelectorAll('[data-part]')) {
    const next = fresh.querySelector(`[data-part="${part.dataset.part}"]`)
    if (!next || rendered.get(part) === next.innerHTML) continue
    rendered.set(part, next.innerHTML)
    for (const { dataset } of part.querySelectorAll('details[data-keep][open]'))
      next.querySelector(`details[data-keep="${dataset.keep}"]`)?.setAttribute('open', '')
    const hadFocus = part.contains(document.activeElement)
    part.replaceChildren(...next.childNodes)
    if (hadFocus) document.querySelector('main').focus()
  }
  localTimes()
  return fresh.querySelector('[data-live]') !== null
}

const follow = (address) => {
  const events = new EventSource(address)
  let timer
  let isAsking = false
  let isStale = false
  const ask = async () => {
    timer = undefined
    if (isAsking) {
      isStale = true
      return
    }
    isAsking = true
    try {
      if (!(await renew())) {
        events.close()
        clearInterval(looks)
        return
      }
    } catch {
      // The service may be starting anew; the next event or look tries again.
    } finally {
      isAsking = false
    }
    if (isStale) {
      isStale = false
      soon()
    }
  }
  const soon = (after = least) => {
    if (timer === undefined) timer = setTimeout(ask, after)
  }
  for (const name of eventNames) events.addEventListener(name, () => soon())
  events.addEventListener('open', () => soon(0))
  // A proxy may not let events through, and a service may be starting anew.
  events.addEventListener('error', () => soon(3000))
  const looks = setInterval(soon, nowAndThen)
}

const localTimes = () => {
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime)
    if (time.dateTime.includes('T') && !Number.isNaN(at.getTime())) time.title = `Here: ${at.toLocaleString()}`
  }
}

/** The report that is chosen stands beside the form that judges by it. */
const showChosen = (select) => {
  const href = select.selectedOptions[0]?.dataset.href
  if (!href) return
  document.querySelector('#report').src = href
  document.querySelector('#report-link').href = href
}

for (const select of document.querySelectorAll('select:has([data-href])'))
  select.addEventListener('change', () => showChosen(select))

const live = document.querySelector('[data-live]')
if (live) follow(live.dataset.live)
localTimes()

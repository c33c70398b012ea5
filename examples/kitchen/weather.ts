import { bindAttribute, bindInput, bindText } from 'tidemap/dom'
import type { Client } from './client.ts'
import { find } from './find.ts'
import type { Stores } from './stores.ts'

/** The sliders: what the server does to us. It keeps their values, so a page that is loaded again finds them as they were. */
export function mountWeather(root: HTMLElement, stores: Stores, client: Client, signal: AbortSignal): void {
  const { settings } = stores
  const sliders = [
    ['latency', 'latency', (ms: number) => `${ms} ms`],
    ['jitter', 'jitter', (ms: number) => `0–${ms} ms`],
    ['failures', 'failure-rate', (share: number) => `${Math.round(share * 100)} %`],
  ] as const

  for (const [key, id, inWords] of sliders) {
    const slider = find(root, `#${id}`, HTMLInputElement)
    bindInput(slider, settings, key, { signal })
    bindText(find(root, `output[for=${id}]`, HTMLElement), settings, key, inWords, { signal })
    slider.addEventListener('change', tell, { signal })
  }
  bindInput(find(root, '#offline', HTMLInputElement), settings, 'offline', { signal })
  bindAttribute(root, 'data-offline', settings, 'offline', undefined, { signal })

  /** One at a time, each with what is set by then: what the server hears last is what the page shows. */
  let told: Promise<unknown> = Promise.resolve()
  function tell(): void {
    const send = () =>
      client.setWeather({
        latency: settings.get('latency'),
        jitter: settings.get('jitter'),
        failures: settings.get('failures'),
      })
    told = told.then(send).catch(() => {}) // the next change tells all of it again
  }

  client.weather().then(
    ({ latency, jitter, failures }) =>
      void settings.setMany([
        ['latency', latency],
        ['jitter', jitter],
        ['failures', failures],
      ]),
    () => {},
  )
}

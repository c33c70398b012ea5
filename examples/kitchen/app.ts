import { createClient } from './client.ts'
import { mountDetails } from './details-panel.ts'
import { createEdits } from './edits.ts'
import { mountFailures } from './failures.ts'
import { mountFigures } from './figures.ts'
import { mountList } from './list.ts'
import { mountLog } from './log.ts'
import { mountPages } from './pages.ts'
import type { Ports } from './ports.ts'
import { createResources } from './resources.ts'
import { mountSearch } from './search.ts'
import { createStores } from './stores.ts'
import { mountWeather } from './weather.ts'

/** The whole page. `dispose` ends the stores, and with them every load, timer and subscription. */
export function mountApp(root: HTMLElement, ports: Ports): Disposable {
  const stores = createStores()
  const client = createClient(ports, stores)
  const resources = createResources(ports, stores, client)
  const edits = createEdits(ports, stores, client)
  const page = new AbortController()
  const { signal } = page

  mountWeather(root, stores, client, signal)
  mountSearch(root, stores, client, signal)
  mountFailures(root, stores, edits, signal)
  mountList(root, stores, resources, edits, signal)
  mountDetails(root, stores, resources, edits, signal)
  mountLog(root, stores, signal)
  mountFigures(root, stores, signal)
  mountPages(root, stores, resources, signal)

  return {
    [Symbol.dispose]() {
      page.abort()
      for (const store of Object.values(stores)) store.dispose()
    },
  }
}

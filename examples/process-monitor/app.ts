import { createActions } from './actions.ts'
import { mountControls } from './controls.ts'
import { runFeed } from './feed.ts'
import { keepHistory } from './history.ts'
import { mountInsidePanel } from './inside-panel.ts'
import { mountList } from './list.ts'
import type { Ports } from './ports.ts'
import { createStores, type Stores } from './stores.ts'
import { mountTimeline } from './timeline.ts'
import { mountTotals } from './totals.ts'

/** Wires the page to its stores. Every part gets only what it needs, and returns what undoes it. */
export function mountApp(root: HTMLElement, ports: Ports): { readonly stores: Stores; dispose(): void } {
  const stores = createStores()
  const actions = createActions(stores, ports)
  const disposals = [
    mountControls(root, stores),
    mountTotals(root, stores),
    mountTimeline(root, stores),
    mountList(root, stores, actions),
    mountInsidePanel(root, stores),
    keepHistory(stores),
    runFeed(stores, ports),
  ]
  return {
    stores,
    dispose() {
      for (const dispose of disposals.reverse()) dispose()
      for (const store of Object.values(stores)) store.dispose()
    },
  }
}

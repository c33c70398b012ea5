import { createRoot } from 'react-dom/client'
import { createActions } from '../actions.ts'
import { runFeed } from '../feed.ts'
import { keepHistory } from '../history.ts'
import type { Ports } from '../ports.ts'
import { createStores, type Stores } from '../stores.ts'
import { createOnScreen } from './on-screen.ts'
import { Page } from './page.tsx'

/** The stores, the feed and the actions of the other page; only what draws them is React. */
export function mountApp(
  element: HTMLElement,
  ports: Ports,
  { isInsideOpen = false } = {},
): { readonly stores: Stores; dispose(): void } {
  const stores = createStores()
  const monitor = { stores, actions: createActions(stores, ports), onScreen: createOnScreen(stores) }
  const root = createRoot(element)
  root.render(<Page monitor={monitor} isInsideOpen={isInsideOpen} />)
  const disposals = [() => root.unmount(), keepHistory(stores), runFeed(stores, ports)]
  return {
    stores,
    dispose() {
      for (const dispose of disposals.reverse()) dispose()
      for (const store of Object.values(stores)) store.dispose()
    },
  }
}

import { createResource } from 'tidemap/resource'
import type { Client } from './client.ts'
import { keepNewer } from './entities.ts'
import type { Ports } from './ports.ts'
import type { PageOfIds, Resources, Stores } from './stores.ts'

/** Remote state by key: the pages of the list by their numbers, the details of dishes by their ids. */
export function createResources(ports: Ports, stores: Stores, client: Client): Resources {
  const { dishes, settings } = stores
  const options = {
    staleTime: 20_000,
    retry: 2,
    retryDelay: (failures: number) => 500 * 2 ** failures,
    clock: ports.clock,
    focus: ports.focus,
    // The switch on the page: while it is off, what would be loaded is paused.
    online: {
      isOnline: () => !settings.get('offline'),
      subscribe: (listener: () => void) => settings.subscribeKey('offline', listener),
    },
  }
  return {
    pages: createResource({
      ...options,
      store: stores.pages,
      async load(number: number, { signal }): Promise<PageOfIds> {
        const page = await client.page(number, signal)
        await dishes.batch((tx) => {
          for (const dish of page.dishes) keepNewer(tx, dish)
        })
        return { ids: page.dishes.map(({ id }) => id), pages: page.pages, total: page.total }
      },
    }),
    details: createResource({
      ...options,
      store: stores.details,
      async load(id: number, { signal }) {
        const { dish, ...details } = await client.details(id, signal)
        await dishes.batch((tx) => keepNewer(tx, dish))
        return details
      },
    }),
  }
}

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Item, Model } from './contender.ts'
import { swapped } from './swapped.ts'

export interface ZustandState {
  readonly ids: readonly number[]
  readonly labels: ReadonlyMap<number, string>
  readonly selected: number | undefined
}

const labelsOf = (items: readonly Item[]) => new Map(items.map(({ id, label }) => [id, label]))

export function createZustandModel(): Model & { readonly store: StoreApi<ZustandState> } {
  const empty: ZustandState = { ids: [], labels: new Map(), selected: undefined }
  const store = createStore<ZustandState>(() => empty)
  const { setState, getState } = store
  return {
    store,
    replace: (items) =>
      setState({ ids: items.map(({ id }) => id), labels: labelsOf(items), selected: undefined }),
    append(items) {
      const { ids, labels } = getState()
      setState({
        ids: [...ids, ...items.map(({ id }) => id)],
        labels: new Map([...labels, ...labelsOf(items)]),
      })
    },
    updateEveryTenth() {
      const { ids } = getState()
      const labels = new Map(getState().labels)
      for (let i = 0; i < ids.length; i += 10) {
        const id = ids[i] as number
        labels.set(id, `${labels.get(id)} !!!`)
      }
      setState({ labels })
    },
    swap: () => setState({ ids: swapped(getState().ids) }),
    select: (selected) => setState({ selected }),
    remove(id) {
      const labels = new Map(getState().labels)
      labels.delete(id)
      setState({ ids: getState().ids.filter((other) => other !== id), labels })
    },
    clear: () => setState(empty),
  }
}

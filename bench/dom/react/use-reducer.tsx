import { type Dispatch, memo, type ReactNode, useLayoutEffect, useReducer } from 'react'
import type { Item, Model, Mount } from '../contender.ts'
import { swapped } from '../swapped.ts'
import { rowMarkup, showShell } from './shell.tsx'

interface State {
  readonly items: readonly Item[]
  readonly selected: number | undefined
}

type Change = (state: State) => State

const reduce = (state: State, change: Change): State => change(state)

/** The reference: React alone. */
export const mount: Mount = (root, act) => {
  let dispatch: Dispatch<Change> = () => {}
  const model: Model = {
    replace: (items) => dispatch(() => ({ items, selected: undefined })),
    append: (items) => dispatch((state) => ({ ...state, items: [...state.items, ...items] })),
    updateEveryTenth: () =>
      dispatch((state) => ({
        ...state,
        items: state.items.map((item, i) => (i % 10 === 0 ? { ...item, label: `${item.label} !!!` } : item)),
      })),
    swap: () => dispatch((state) => ({ ...state, items: swapped(state.items) })),
    select: (id) => dispatch((state) => ({ ...state, selected: id })),
    remove: (id) => dispatch((state) => ({ ...state, items: state.items.filter((item) => item.id !== id) })),
    clear: () => dispatch(() => ({ items: [], selected: undefined })),
  }

  function Rows(): ReactNode {
    const [{ items, selected }, change] = useReducer(reduce, { items: [], selected: undefined })
    useLayoutEffect(() => {
      dispatch = change
    }, [change])
    return items.map((item) => <Row key={item.id} item={item} isSelected={item.id === selected} />)
  }

  const Row = memo(function Row({ item, isSelected }: { item: Item; isSelected: boolean }): ReactNode {
    return rowMarkup({ ...item, isSelected, select: model.select, remove: model.remove })
  })

  showShell(root, act, <Rows />)
  return model
}

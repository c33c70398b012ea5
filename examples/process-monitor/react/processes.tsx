import { useKey, useView } from 'tidemap/react'
import { arrange, isSameOrder } from '../arrange.ts'
import { List } from './list.tsx'
import type { Monitor } from './monitor.ts'
import { Tools } from './tools.tsx'

/** Which rows there are and in what order: what is in a row is the row's own business. */
export function Processes({ monitor }: { monitor: Monitor }) {
  const { stores, onScreen } = monitor
  const sort = useKey(stores.settings, 'sort')
  const filter = useKey(stores.settings, 'filter')
  const order = useView(onScreen, (view) => arrange(view, sort, filter), isSameOrder)
  const size = useView(onScreen, (view) => view.size)
  return (
    <>
      <Tools monitor={monitor} count={`${order.length} of ${size}`} />
      <List monitor={monitor} order={order} />
    </>
  )
}

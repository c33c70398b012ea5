import { useKey } from 'tidemap/react'
import { sortBy } from '../sort-by.ts'
import type { SortKey, Stores } from '../stores.ts'
import type { Monitor } from './monitor.ts'

const columns: readonly (readonly [by: SortKey, title: string])[] = [
  ['name', 'Name'],
  ['pid', 'PID'],
  ['user', 'User'],
  ['threads', 'Threads'],
  ['cpu', 'CPU %'],
  ['memory', 'Memory'],
  ['time', 'CPU time'],
]

/** The heads of the columns, each of which sorts. */
export function Columns({ monitor: { stores } }: { monitor: Monitor }) {
  return (
    <thead>
      <tr className="columns">
        {columns.map(([by, title]) => (
          <Column key={by} by={by} title={title} stores={stores} />
        ))}
        <th className="note">Note</th>
        <th className="action">
          <span className="unseen">Action</span>
        </th>
      </tr>
    </thead>
  )
}

function Column({ by, title, stores }: { by: SortKey; title: string; stores: Stores }) {
  const sort = useKey(stores.settings, 'sort')
  const direction = sort.descending ? 'descending' : 'ascending'
  return (
    <th className={by} aria-sort={sort.by === by ? direction : 'none'}>
      <button type="button" onClick={() => sortBy(stores, by)}>
        {title}
      </button>
    </th>
  )
}

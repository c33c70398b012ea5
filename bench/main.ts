import type { Workload } from './workload.ts'
import { forEach } from './workloads/for-each.ts'
import { forOf } from './workloads/for-of.ts'
import { groups } from './workloads/groups.ts'
import { insert } from './workloads/insert.ts'
import { listeners } from './workloads/listeners.ts'
import { memory } from './workloads/memory.ts'
import { mutex } from './workloads/mutex.ts'
import { mutexQueue } from './workloads/mutex-queue.ts'
import { oldViews } from './workloads/old-views.ts'
import { longestPause, pause } from './workloads/pause.ts'
import { liveQuery } from './workloads/query.ts'
import { read } from './workloads/read.ts'
import { write } from './workloads/write.ts'

export { printReport } from './report.ts'
export { middle } from './workload.ts'

export const workloads: Record<string, Workload> = {
  read,
  write,
  insert,
  listeners,
  'for-each': forEach,
  'for-of': forOf,
  'old-views': oldViews,
  query: liveQuery,
  groups,
  memory,
  pause,
  mutex,
  'mutex-queue': mutexQueue,
}

// In a child process: one workload at one size, as `run.mjs` has ordered it; or one run of the workload that needs a process for each.
const order = process.argv[2]?.startsWith('{') ? JSON.parse(process.argv[2]) : undefined
if (order?.longestPause !== undefined) console.log(longestPause(order.longestPause, order.size))
else if (order !== undefined) {
  const { name, size, quick } = order
  const workload = workloads[name] as Workload
  console.log(JSON.stringify(await workload.measure(size, quick)))
}

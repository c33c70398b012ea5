import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { mountApp } from '../../examples/process-monitor/app.ts'
import { describeProcessMonitor } from './describe-process-monitor.ts'

describeProcessMonitor({
  html: readFileSync(resolve(import.meta.dirname, '../../examples/process-monitor/index.html'), 'utf8'),
  mount: (ports) => mountApp(document.body, ports),
  settle: () => {},
  movesNodes: true,
})

// The React twin of the process monitor, as the React Compiler makes it: see test/support/compiled.ts.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { flushSync } from 'react-dom'
import { expect, test } from 'vitest'
import { find } from '../../examples/process-monitor/find.ts'
import { mountApp } from '../../examples/process-monitor/react/app.tsx'
import { Page } from '../../examples/process-monitor/react/page.tsx'
import { describeProcessMonitor } from './describe-process-monitor.ts'

describeProcessMonitor({
  html: readFileSync(resolve(import.meta.dirname, '../../examples/process-monitor/react/index.html'), 'utf8'),
  mount: (ports) => flushSync(() => mountApp(find(document, '#root', HTMLElement), ports)),
  // A browser comes to it by itself, in the microtask after.
  settle: () => flushSync(() => {}),
  movesNodes: false,
})

test('the React Compiler has compiled the page', () => {
  expect(String(Page)).toMatch(/\.c\)\(\d+\)/)
})

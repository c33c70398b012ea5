// Which of the two pages it is: the same table, the same operations, shown by React or by plain DOM.
import { find } from './find.ts'
import { createRowMaker } from './labels.ts'
import { createMeter } from './meter.ts'
import { createTable } from './table.ts'

const isDom = location.pathname === '/dom'
find(document, `nav a[href='${isDom ? '/dom' : '/react'}']`).setAttribute('aria-current', 'page')

const { showPage } = isDom ? await import('./dom/page.ts') : await import('./react/page.tsx')
showPage(find(document, '#root'), createTable(createRowMaker()), createMeter())

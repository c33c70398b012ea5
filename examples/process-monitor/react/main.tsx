import { find } from '../find.ts'
import { serverPorts } from '../server-ports.ts'
import { mountApp } from './app.tsx'

mountApp(find(document, '#root', HTMLElement), serverPorts, {
  // Beside the list where there is room for both, else above it and closed.
  isInsideOpen: matchMedia('(min-width: 76rem)').matches,
})

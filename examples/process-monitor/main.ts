import { mountApp } from './app.ts'
import { find } from './find.ts'
import { serverPorts } from './server-ports.ts'

mountApp(document.body, serverPorts)

// Beside the list where there is room for both, else above it and closed.
find(document, '#inside', HTMLDetailsElement).open = matchMedia('(min-width: 76rem)').matches

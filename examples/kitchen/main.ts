import { mountApp } from './app.ts'

mountApp(document.body, {
  fetch: (path, init) => fetch(path, init),
  newId: () => crypto.randomUUID(),
})

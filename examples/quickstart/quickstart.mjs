// Run it with `node examples/quickstart/quickstart.mjs` (after `npm run build`).
import { createStore } from 'tidemap'

const store = createStore([['count', 0]])
store.subscribeKey('count', (value, previous) => console.log(`count: ${previous} -> ${value}`))

// Async writers take turns: each reads what the one before it wrote, so none is lost.
const answer = () => new Promise((resolve) => setTimeout(resolve, 10, 1))
const increment = () => store.update('count', async (count = 0) => count + (await answer()))
await Promise.all([increment(), increment(), increment()])

// A transaction ends all or nothing.
const failing = store.transaction(async (tx) => {
  tx.set('count', 100)
  throw new Error('no such luck')
})
await failing.catch((error) => console.log(`rolled back: ${error.message}`))
console.log(`in the end: ${store.get('count')}`)

// Checks of one scenario each, for what random programs reach too seldom or never: the same behaviour as in the unit tests, asked of any
// copy of the product. Each tells what is wrong, if anything is.
import { deferred } from '../../support/deferred.ts'
import type { Product } from '../../support/product.ts'

const differs = (found: unknown, wanted: unknown): string | undefined => {
  const [is, not] = [JSON.stringify(found), JSON.stringify(wanted)]
  return is === not ? undefined : `${is}, not ${not}`
}

/** A key that was confirmed and deleted again stands where the pending write of it stands. */
async function order(
  { store: { createStore } }: Product,
  lose: 'delete' | 'clear',
): Promise<string | undefined> {
  const store = createStore<string, number>()
  const [first, second] = [deferred<number>(), deferred<number>()]
  const seen: string[] = []
  store.subscribe((view) => seen.push([...view.keys()].join('')))
  const unseen = { optimistic: false }
  const waiting: Promise<unknown>[] = [store.update('a', () => first.promise), store.set('a', 1)]
  if (lose === 'clear') waiting.push(store.clear(unseen))
  const held = [store.update('b', () => second.promise), store.set('b', 2)]
  if (lose === 'delete') waiting.push(store.delete('a', unseen))
  waiting.push(store.set('a', 3))
  first.resolve(0)
  await Promise.all(waiting)
  second.resolve(0)
  await Promise.all(held)
  return seen.includes('ba') ? undefined : `the order was never b, a: ${seen}`
}

/** What is promoted inside a recipe is told when the recipe has ended (R5). */
async function quietRecipes({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number>([], { promotion: () => {} })
  let isRunning = false
  const told: boolean[] = []
  store.subscribe(() => told.push(isRunning))
  await store.set('a', 1)
  await store.update('b', () => {
    isRunning = true
    store.promote()
    isRunning = false
    return 1
  })
  store.promote()
  return differs(told, [false, false])
}

/** Who is unsubscribed is not called, though its round has begun, and who came before it has left too (R2). */
async function leaving({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number>()
  const told: unknown[] = []
  const stops = [
    store.subscribeKey('a', () => {
      for (const stop of stops) stop()
    }),
    store.subscribeKey('a', (value) => told.push(value)),
  ]
  await store.set('a', 1)
  return differs(told, [])
}

/** Every write of a listener is told, after its round and in order (R1). */
async function answers({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number>()
  const told: unknown[] = []
  store.subscribeKey('a', () => {
    void store.set('b', 1)
    void store.set('c', 2)
    told.push(0)
  })
  for (const key of ['b', 'c']) store.subscribeKey(key, (value) => told.push(value))
  await store.set('a', 1)
  return differs(told, [0, 1, 2])
}

async function selections({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number>([['a', 1]])
  const value = store.select((view) => view.get('a'))
  const size = store.select((view) => view.size)
  const before = [value.value, size.value]
  await store.setMany([
    ['a', 2],
    ['b', 0],
  ])
  return differs([before, value.value, size.value], [[1, 1], 2, 2])
}

/** Deleted and set again is at the end, whatever the value. */
async function setAgain({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number>([
    ['a', 1],
    ['b', 2],
  ])
  await store.transaction((tx) => {
    tx.delete('a')
    tx.set('a', 1)
  })
  return differs([...store.view.keys()], ['b', 'a'])
}

async function undefinedValues({ store: { createStore } }: Product): Promise<string | undefined> {
  const store = createStore<string, number | undefined>([['a', 1]])
  await store.update('a', () => undefined)
  return differs([store.has('a'), store.get('a') === undefined], [true, true])
}

export const directedChecks = {
  'a key that comes back under a pending write': async (product: Product) =>
    (await order(product, 'delete')) ?? (await order(product, 'clear')),
  'a promotion inside a recipe': quietRecipes,
  'a listener that leaves in its round': leaving,
  'a listener that answers twice': answers,
  'two selections': selections,
  'a key that is set again': setAgain,
  'a recipe that ends with undefined': undefinedValues,
}

import type { Transaction } from 'tidemap/store'
import type { Dish } from './protocol.ts'

/** Puts in what the server says of a dish, unless an answer that is newer has come before it. */
export function keepNewer(tx: Transaction<number, Dish>, dish: Dish): void {
  const known = tx.get(dish.id)
  if (known === undefined || known.version < dish.version) tx.set(dish.id, dish)
}

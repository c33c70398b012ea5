/**
 * Every way in which tidemap refuses a call. The code is the stable part, the message is for people:
 *
 * - `INVALID_ARGUMENT`: an argument has the wrong shape (a recipe that is no function, entries that are no pairs, …).
 * - `LOCK_BUSY`: `ifBusy: 'fail'` was asked for and somebody holds the turn.
 * - `LOCK_REENTRANT`: a recipe or transaction wrote to its own store instead of using its draft or `tx`.
 * - `SUPERSEDED`: a later `ifBusy: 'latest'` writer of the same key took over; or a value being loaded is not needed, as the key was written.
 * - `TRANSACTION_CLOSED`: a `tx` was used after its transaction had ended.
 * - `KEY_NOT_IN_TRANSACTION`: a transaction with declared `keys` touched another key, or the map as a whole.
 * - `NOT_DRAFTABLE`: a recipe changed a class instance or a Date in place, which no draft can undo (development only).
 * - `UPDATE_LOOP`: listeners kept answering a round with another write, more than 1000 times.
 * - `STORE_DISPOSED`: the store had been disposed before the write got its turn.
 * - `KEY_NOT_LOADED`: the result of a resource's `loadMany` does not have the key.
 * - `RESOURCE_DISPOSED`: the resource had been disposed before the value was loaded.
 */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'LOCK_BUSY'
  | 'LOCK_REENTRANT'
  | 'SUPERSEDED'
  | 'TRANSACTION_CLOSED'
  | 'KEY_NOT_IN_TRANSACTION'
  | 'NOT_DRAFTABLE'
  | 'UPDATE_LOOP'
  | 'STORE_DISPOSED'
  | 'KEY_NOT_LOADED'
  | 'RESOURCE_DISPOSED'

/**
 * The one error class of tidemap: tell errors apart by their literal `code`, never by their message.
 *
 * What the caller gave (an error thrown in a recipe, the reason of an AbortSignal) is never wrapped: it reaches the caller
 * as it is. Only what tidemap itself refuses is a `TidemapError`.
 *
 * @example
 * ```ts
 * import { createStore, TidemapError } from 'tidemap'
 *
 * const store = createStore([['a', 1]])
 * store.dispose()
 * const error = await store.set('a', 2).catch((reason: unknown) => reason)
 * error instanceof TidemapError && error.code // => 'STORE_DISPOSED'
 * ```
 */
export class TidemapError extends Error {
  override readonly name = 'TidemapError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

// One function an error, so that a bundle carries only the texts it can throw, and so that each error gets the stack of
// the call it belongs to (async-mutex shares one Error object among all callers).

/** Keys and labels are put into messages by this: short, and never by a user's own `toString`. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return Object(value) === value ? `[${typeof value}]` : String(value)
}

/** A call as it would be written: `update("a")`. */
export const call = (name: string, keys: readonly unknown[] = []): string =>
  `${name}(${keys.slice(0, 3).map(show).join(', ')}${keys.length > 3 ? ', …' : ''})`

export const invalidArgument = (name: string, expected: string, value: unknown): TidemapError =>
  new TidemapError('INVALID_ARGUMENT', `${name} must be ${expected}, got ${show(value)}.`)

export const lockBusy = (holder: string): TidemapError =>
  new TidemapError('LOCK_BUSY', `${holder} is busy (ifBusy 'fail').`)

export const lockReentrant = (holder: string): TidemapError =>
  new TidemapError('LOCK_REENTRANT', `${holder} would wait for itself: use its draft or tx.`)

export const superseded = (by: string): TidemapError =>
  new TidemapError('SUPERSEDED', `${by} took over (ifBusy 'latest').`)

export const overtaken = (key: unknown): TidemapError =>
  new TidemapError('SUPERSEDED', `Key ${show(key)} was written while its value was being loaded.`)

export const transactionClosed = (holder: string): TidemapError =>
  new TidemapError('TRANSACTION_CLOSED', `${holder} has ended. Await all that uses tx inside it.`)

/** Without a key: it touched the map as a whole. */
export const notInTransaction = (holder: string, ...key: [] | [key: unknown]): TidemapError =>
  new TidemapError(
    'KEY_NOT_IN_TRANSACTION',
    `${holder} may not touch ${key.length === 0 ? 'the whole map' : show(key[0])}: name it in keys or leave keys out.`,
  )

export const notDraftable = (key: unknown, cause?: unknown): TidemapError =>
  new TidemapError(
    'NOT_DRAFTABLE',
    `The recipe for key ${show(key)} changed a class instance or a Date in place, which cannot be rolled back. Put a new one in its place.`,
    { cause },
  )

export const updateLoop = (rounds: number, keys: readonly unknown[]): TidemapError =>
  new TidemapError('UPDATE_LOOP', `${rounds} nested rounds, by ${call('writes', keys)}.`)

export const storeDisposed = (): TidemapError => new TidemapError('STORE_DISPOSED', 'The store is disposed.')

export const keyNotLoaded = (key: unknown): TidemapError =>
  new TidemapError('KEY_NOT_LOADED', `loadMany gave no value for key ${show(key)}.`)

export const resourceDisposed = (): TidemapError =>
  new TidemapError('RESOURCE_DISPOSED', 'The resource has been disposed: it loads no more.')

/** Text of the watchdog's warning; not an error, because nothing is known to be wrong. */
export const stalled = (holder: string, heldMs: number, waiters: readonly string[]): string =>
  `tidemap: ${holder} has held its turn for ${heldMs} ms while ${waiters.length} wait${waiters.length === 1 ? 's' : ''}: ${waiters.slice(0, 5).join(', ')}. If it awaits a write to the same store it waits for itself: use tx or the draft instead.`

/** What a frozen object's own TypeError says, for the collections that `Object.freeze` does not reach. */
export const frozenCollection = (): TypeError =>
  new TypeError(
    'Cannot change a Map or Set that is in a tidemap store: stored values are immutable. Copy it, or change it in update().',
  )

/** Whether an error is one that the store's own life causes, not what a caller gave it. */
export const isOurs = (reason: unknown): boolean =>
  reason instanceof TidemapError && (reason.code === 'STORE_DISPOSED' || reason.code === 'SUPERSEDED')

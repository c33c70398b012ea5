/** What every write takes. */
export interface WriteOptions {
  /** Ends the write: out of the queue, and its layer gone, before `abort()` returns; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What an async writer does where somebody holds its turn: the turn of its key, of one of its keys, or of the whole map. In RxJS's words:
 *
 * - `'queue'` (default) is concatMap: waits for its turn, in the order of the calls.
 * - `'latest'` is switchMap: ends the running and queued `'latest'` writers that it shares a key with (a writer of the whole map shares
 *   all keys); they reject with `SUPERSEDED`. Writers of other kinds it waits for.
 * - `'skip'` is exhaustMap: does nothing, and resolves to `undefined` (`delete`: to `false`).
 * - `'fail'` rejects with `LOCK_BUSY`.
 */
export type IfBusy = 'queue' | 'latest' | 'skip' | 'fail'

/** What a writer may ask of its turn. */
export interface TurnOptions extends WriteOptions {
  readonly ifBusy?: IfBusy | undefined
}

interface Request {
  readonly id: number
  readonly keys: ReadonlySet<number> | undefined
}

/**
 * The slow, obvious twin of a keyed mutex: all requests that have not ended, in the order of their calls. One of them has its turn
 * exactly when none before it conflicts with it.
 */
export class RequestList {
  readonly #unfinished: Request[] = []

  add(id: number, keys: readonly number[] | undefined): void {
    this.#unfinished.push({ id, keys: keys && new Set(keys) })
  }

  /** Released, or aborted. */
  end(id: number): void {
    const place = this.#unfinished.findIndex((request) => request.id === id)
    if (place !== -1) this.#unfinished.splice(place, 1)
  }

  isGranted(id: number): boolean {
    const place = this.#unfinished.findIndex((request) => request.id === id)
    const request = this.#unfinished[place]
    if (request === undefined) return false
    return !this.#unfinished.slice(0, place).some((earlier) => conflict(earlier.keys, request.keys))
  }

  wouldWait(keys: readonly number[] | undefined): boolean {
    return this.#unfinished.some((request) => conflict(request.keys, keys && new Set(keys)))
  }

  get isLocked(): boolean {
    return this.#unfinished.length > 0
  }

  get waiting(): number {
    return this.#unfinished.filter(({ id }) => !this.isGranted(id)).length
  }
}

export function conflict(a: ReadonlySet<number> | undefined, b: ReadonlySet<number> | undefined): boolean {
  if (a === undefined || b === undefined) return true
  return [...a].some((key) => b.has(key))
}

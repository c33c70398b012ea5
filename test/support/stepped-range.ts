import type { SyncMap } from '../../src/core/sync-map.ts'
import { microtasks } from './settled.ts'

/** An iteration of a SyncMap whose callback waits at every key until it is told to go on. */
export class SteppedRange<K, V> {
  readonly visited: (readonly [key: K, value: V])[] = []
  /** Settles with the range itself. */
  readonly end: Promise<void>
  #goOn: (() => void) | undefined

  constructor(map: SyncMap<K, V>) {
    this.end = map.range((value, key) => {
      this.visited.push([key, value])
      return new Promise<void>((resolve) => {
        this.#goOn = resolve
      })
    })
  }

  /** To the next key, or to the end. */
  async step(): Promise<void> {
    this.#goOn?.()
    await microtasks()
  }

  async toEnd(): Promise<readonly (readonly [key: K, value: V])[]> {
    for (let count = -1; count < this.visited.length; ) {
      count = this.visited.length
      await this.step()
    }
    await this.end
    return this.visited
  }
}

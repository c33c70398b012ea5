// The replay of Go's map is itself tested on maps that are wrong.
import { describe, expect, test } from 'vitest'
import { SyncMap } from '../../src/core/sync-map.ts'
import { deviations, type ReplayOptions, recorded, type Scalar } from '../support/sync-map-replay.ts'

describe('the replay catches a map that is wrong', () => {
  const telling = ['matrix', 'scenarios', 'pending', 'cas', 'range']

  type Base = SyncMap<Scalar, Scalar>
  const Base = SyncMap<Scalar, Scalar>

  class ForgetsMisses extends Base {
    override missLocked() {
      return false
    }
  }
  class PromotesTwice extends Base {
    override promoteLocked() {
      super.promoteLocked()
      super.promoteLocked()
    }
  }
  class PromotesAtEveryMiss extends Base {
    override missLocked() {
      this.promoteLocked()
      return true
    }
  }
  class NeverClears extends Base {
    override async clear() {}
  }
  class DeletesTooEagerly extends Base {
    override compareAndDeleteLocked(key: Scalar) {
      return this.loadAndDeleteLocked(key)[1]
    }
  }
  class ComparesLoosely extends Base {
    override compareAndSwapLocked(key: Scalar, old: Scalar, value: Scalar) {
      const [found, ok] = this.loadLocked(key)
      // biome-ignore lint/suspicious/noDoubleEquals: the fault to be found
      return super.compareAndSwapLocked(key, ok && found == old ? found : old, value)
    }
  }
  class TakesNoTurn extends Base {
    override async store(key: Scalar, value: Scalar) {
      this.storeLocked(key, value)
    }
  }
  class TakesTurnsInVain extends Base {
    override async load(key: Scalar) {
      this.mutex.tryAcquire()?.release()
      return super.load(key)
    }
  }
  class LooksOnlyBeforeTheWait extends Base {
    override async loadOrStore(key: Scalar, value: Scalar): ReturnType<Base['loadOrStore']> {
      if (this.has(key)) return super.loadOrStore(key, value)
      const lock = this.mutex.tryAcquire() ?? (await this.mutex.acquire())
      this.storeLocked(key, value)
      lock.release()
      return [value, false]
    }
  }
  class AnswersLate extends Base {
    override async swap(key: Scalar, value: Scalar): ReturnType<Base['swap']> {
      await Promise.resolve()
      return super.swap(key, value)
    }
  }
  class TakesNullForAbsent extends Base {
    override loadAndDeleteLocked(key: Scalar): ReturnType<Base['loadAndDeleteLocked']> {
      const previous = super.loadAndDeleteLocked(key)
      return previous[0] === null ? [undefined, false] : previous
    }
  }
  class ShowsDirtyAsRead extends Base {
    override inspect() {
      const shown = super.inspect()
      return { ...shown, amended: shown.dirty !== null }
    }
  }
  class RangesOverNewKeys extends Base {
    override async range(callback: (value: Scalar, key: Scalar) => unknown) {
      await super.range(() => false) // promotes
      const seen = new Set<Scalar>()
      for (let goOn = true; goOn && seen.size < 100; ) {
        const key = [...this.newest.keys()].find((key) => !seen.has(key))
        if (key === undefined) return
        seen.add(key)
        goOn = (await callback(this.get(key) as Scalar, key)) !== false
      }
    }
  }

  test.each([
    ['state', ForgetsMisses],
    ['promotions', PromotesTwice],
    ['state', PromotesAtEveryMiss],
    ['late state', NeverClears],
    ['result', DeletesTooEagerly],
    ['result', ComparesLoosely],
    ['turns', TakesNoTurn],
    ['turns', TakesTurnsInVain],
    ['result', LooksOnlyBeforeTheWait],
    ['late', AnswersLate],
    ['result', TakesNullForAbsent],
    ['late state', ShowsDirtyAsRead],
    ['result', RangesOverNewKeys],
  ] as const)('by a different %s: %o', async (what, Broken) => {
    const found = await deviations(telling.flatMap(recorded), Broken, {
      pending: 'let pass',
      callbacks: 'async',
    })

    expect(found.some((sentence) => sentence.startsWith(`${what} `) || sentence.startsWith(`${what}:`))).toBe(
      true,
    )
  })

  test('by the same faults where the replay holds the mutex', async () => {
    const options: ReplayOptions = { pending: 'held', callbacks: 'synchronous' }

    const found = await deviations(recorded('pending'), LooksOnlyBeforeTheWait, options)

    expect(found.join('\n')).toContain('result')
  })
})

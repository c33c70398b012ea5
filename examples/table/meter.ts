import { createStore, type ObjectStore } from 'tidemap/store'

/** What the line below the buttons says. */
interface Facts {
  readonly operation: string
  /** From the event to the frame that shows its result. */
  readonly milliseconds: number
  readonly drawn: number
}

export interface Meter {
  readonly facts: ObjectStore<Facts>
  /** Told by a row, or for several, each time it is drawn. */
  readonly draw: (rows?: number) => void
  readonly measure: (operation: string, act: () => void) => void
}

export function createMeter(): Meter {
  const facts = createStore<Facts>({ operation: '', milliseconds: 0, drawn: 0 })
  let drawn = 0
  return {
    facts,
    draw: (rows = 1) => {
      drawn += rows
    },
    measure: (operation, act) => {
      drawn = 0
      const start = performance.now()
      act()
      afterNextPaint(() => {
        const milliseconds = Math.round(performance.now() - start)
        void facts.setMany([
          ['operation', operation],
          ['milliseconds', milliseconds],
          ['drawn', drawn],
        ])
      })
    },
  }
}

/** A frame's callbacks run before it is painted; a message posted in one arrives afterwards. */
function afterNextPaint(call: () => void): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      call()
    }
    port2.postMessage(undefined)
  })
}

export const formatCount = (count: number): string => count.toLocaleString('en')

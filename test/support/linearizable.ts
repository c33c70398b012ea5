/** One call: when it was made and when it was answered, by a clock that only counts; and what the answer was. */
export interface Call<S> {
  readonly called: number
  readonly answered: number
  /** What it does to the state, and whether the answer is then the right one. */
  readonly step: (state: S) => { readonly next: S; readonly isRight: boolean }
}

/** Whether some order of the calls explains every answer; whoever was answered before another was called comes before it. */
export function isLinearizable<S>(state: S, calls: readonly Call<S>[]): boolean {
  if (calls.length === 0) return true
  const firstAnswer = Math.min(...calls.map(({ answered }) => answered))
  return calls.some((call) => {
    if (call.called > firstAnswer) return false
    const { next, isRight } = call.step(state)
    const others = calls.filter((other) => other !== call)
    return isRight && isLinearizable(next, others)
  })
}

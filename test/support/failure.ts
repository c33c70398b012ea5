/** What a promise is rejected with; a promise that resolves fails the test. */
export const reasonOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => {
      throw new Error('It resolved, and a rejection was expected.')
    },
    (reason: unknown) => reason,
  )

/** What a function throws before it returns; one that returns fails the test. */
export function thrownBy(action: () => unknown): unknown {
  try {
    void action()
  } catch (error) {
    return error
  }
  throw new Error('It returned, and an exception was expected.')
}

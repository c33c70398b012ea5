/** The engine's own iterator prototype as a base class, so that `view.values().map(…)` works wherever Map's iterators have it. */
const NativeIterator: new () => object = /* @__PURE__ */ nativeIterator()

function nativeIterator(): new () => object {
  const Iterator = function Iterator() {} as unknown as new () => object
  Iterator.prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
  return Iterator
}

/** What views hand out as iterators: Map's own interface, over an immutable view, so that a half-consumed one stays true. */
export abstract class ViewIterator<T> extends NativeIterator implements MapIterator<T> {
  /** The engine's own. */
  declare [Symbol.iterator]: () => this

  abstract next(): IteratorResult<T, undefined>

  /** Nothing to release; there because the engine's iterators have it. */
  [Symbol.dispose](): void {}
}

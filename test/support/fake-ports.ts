import type { FocusPort, OnlinePort } from 'tidemap/resource'

/** A page and a network that the test switches on and off. */
export class FakePort implements FocusPort, OnlinePort {
  readonly #listeners: Set<() => void> = new Set()
  #isOn: boolean

  constructor(isOn = true) {
    this.#isOn = isOn
  }

  get listeners(): number {
    return this.#listeners.size
  }

  isFocused(): boolean {
    return this.#isOn
  }

  isOnline(): boolean {
    return this.#isOn
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  switch(isOn: boolean): void {
    this.#isOn = isOn
    for (const listener of [...this.#listeners]) listener()
  }
}

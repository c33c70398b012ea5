/** How many of these are still alive after the garbage collector has had every chance. Needs `--expose-gc`. */
export async function alive(references: readonly WeakRef<WeakKey>[]): Promise<number> {
  await collectGarbage()
  return references.filter((reference) => reference.deref() !== undefined).length
}

/** The heap in use after a full collection, in bytes. */
export async function heapUsed(): Promise<number> {
  await collectGarbage()
  return process.memoryUsage().heapUsed
}

async function collectGarbage(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve)) // a WeakRef that was read holds its target until the job ends
    globalThis.gc()
  }
}

/** Something that can be awaited and is no promise. */
export function thenable(
  then: (resolve: (value: string) => void, reject: (reason: unknown) => void) => void,
): PromiseLike<string> {
  return { then } as PromiseLike<string>
}

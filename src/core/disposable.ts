/** `Symbol.dispose`, or the same registered symbol that compilers of `using` fall back to where an engine has none. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')

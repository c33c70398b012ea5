/** As far as this file knows of it: in a browser without a bundler there is none. */
declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * Whether development checks run. A function, not a constant, so that nothing is evaluated at import; bundlers put a literal in place
 * of `process.env.NODE_ENV` and drop what depends on it.
 */
export const isDevelopment = (): boolean =>
  typeof process !== 'undefined' && process.env.NODE_ENV !== 'production'

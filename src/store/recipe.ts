import type { RecipeContext } from './writer.ts'

/**
 * Computes the next value of `key`, or a promise of it; the value itself where nothing is to change. Throws what the recipe throws, and
 * rejects with what it rejects. When `context.signal` aborts, what the recipe was given becomes unusable.
 */
export type RecipeRunner = <V>(
  value: V | undefined,
  recipe: Recipe,
  key: unknown,
  context: RecipeContext,
) => V | undefined | PromiseLike<V | undefined>

/** What `update` takes in its most general form; the stores' types narrow it. */
export type Recipe = (value: never, context: RecipeContext) => unknown

/** Recipes as plain functions: `value => next`. */
export const runPlain: RecipeRunner = (value, recipe, _key, context) =>
  recipe(value as never, context) as typeof value | PromiseLike<typeof value>

import type { CheckName } from './checks.ts'
import type { Patch } from './patched-product.ts'

/** A wrong line, in the words of a user or of the field, and the check that must catch it. */
export interface Bug extends Patch {
  readonly what: string
  readonly caughtBy: CheckName
}

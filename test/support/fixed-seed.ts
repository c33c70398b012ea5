// For `npm run mutate`: the same random programs for every mutant, so that a score can be had again; and none made smaller, as nobody reads it.
import fc from 'fast-check'

fc.configureGlobal({ seed: 1, endOnFailure: true })

export type { Computed, Factory, FactoryContext } from './computation.ts'
export { loadOrCompute } from './load-or-compute.ts'
export { type OptimisticOptions, optimistic } from './optimistic.ts'

// What is under test, as a value: the sources, or a copy of them with a fault in it.
import * as full from 'tidemap'
import * as core from 'tidemap/core'
import * as resource from 'tidemap/resource'
import * as store from 'tidemap/store'

export interface Product {
  readonly core: Pick<typeof core, 'Mutex' | 'KeyedMutex' | 'SyncMap' | 'VersionedMap'>
  readonly store: Pick<typeof store, 'createStore' | 'transaction'>
  readonly full: Pick<typeof full, 'createStore'>
  readonly resource: Pick<typeof resource, 'createResource' | 'loadOrCompute' | 'optimistic'>
}

export const sources: Product = { core, store, full, resource }

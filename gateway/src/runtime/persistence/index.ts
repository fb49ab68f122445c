export { openStateDir, type StateDir } from './state-dir.js'
export { UnitStore, type UnitStoreOptions } from './unit-store.js'

import sortedBTree from 'sorted-btree'

/** The B+ tree of the `sorted-btree` package, which is CommonJS with its class behind `default`. */
export const BTree = sortedBTree.default
export type BTree<K, V> = InstanceType<typeof sortedBTree.default<K, V>>

import type { LogEntry } from '../storage/logs.js'
import type { Item } from '../value/attribute-value.js'

/** One change as a stream keeps it: with the images that the stream's view type asks for. */
export interface StreamEntry extends LogEntry {
  readonly keys: Item
  readonly old?: Item
  readonly new?: Item
  readonly event: 'INSERT' | 'MODIFY' | 'REMOVE'
  /** Whether TTL deleted the item. */
  readonly expired?: true
}

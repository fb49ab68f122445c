import type { Condition, DocumentPath, Update } from '../expression/ast.js'
import type { AttributeValue, Item } from '../value/attribute-value.js'

export interface OrderKey {
  readonly name: string
  readonly descending: boolean
}

export interface Select {
  readonly kind: 'select'
  readonly table: string
  readonly index: string | undefined
  /** Undefined for `*`. */
  readonly columns: readonly DocumentPath[] | undefined
  readonly where: Condition | undefined
  readonly order: readonly OrderKey[]
}

export interface Insert {
  readonly kind: 'insert'
  readonly table: string
  readonly item: Item
}

export type Returning = 'ALL_OLD' | 'ALL_NEW' | 'MODIFIED_OLD' | 'MODIFIED_NEW'

export interface UpdateStatement {
  readonly kind: 'update'
  readonly table: string
  readonly update: Update
  readonly where: Condition | undefined
  readonly returning: Returning | undefined
}

export interface Delete {
  readonly kind: 'delete'
  readonly table: string
  readonly where: Condition | undefined
  readonly returning: Returning | undefined
}

/** `EXISTS(SELECT ...)`, which only a transaction may have: nothing is read, but what it asks for must be there. */
export interface Exists {
  readonly kind: 'exists'
  readonly select: Select
}

/** A statement with its parameters in place. */
export type Statement = Select | Insert | UpdateStatement | Delete | Exists

/** The values for the `?`s of a statement, in order. */
export type Parameters = readonly AttributeValue[]

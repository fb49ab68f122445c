import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { updatedPaths } from '../expression/bind.js'
import { project } from '../expression/paths.js'
import { checkCollection, putKeyOf, requestItem, writeKeyOf } from '../items.js'
import type { Context } from '../kit.js'
import { checkCondition } from '../requests.js'
import type { ItemKey } from '../storage/position.js'
import { findTable, openTable } from '../tables/find.js'
import type { OpenTable } from '../tables/open-tables.js'
import { checkKeyUntouched, updatedItem } from '../update.js'
import type { Item } from '../value/attribute-value.js'
import { requiredKey } from './keys.js'
import type { Delete, Exists, Insert, Statement, UpdateStatement } from './statement.js'

type OnFailure = Parameters<typeof checkCondition>[2]

/** What a statement is going to do to its one item. */
export interface WriteStep {
  /** The context of the table's account. */
  readonly ctx: Context
  readonly table: OpenTable
  readonly key: ItemKey
  readonly old: Item | undefined
  /** Only a check: nothing is written. */
  readonly check: boolean
  /** The item afterwards; undefined for none. */
  readonly item: Item | undefined
  readonly size: number
  /** What RETURNING gives. */
  readonly returned: Item | undefined
}

/** A statement that is about one item, whose table and key are known to be good. */
export interface SingleItem {
  readonly ctx: Context
  readonly statement: Exclude<Statement, { kind: 'select' }>
  readonly table: OpenTable
  readonly key: ItemKey
  readonly attributes: Item
}

/** The name of a statement's table, as the statement writes it. */
export function tableName(statement: Statement): string {
  return statement.kind === 'exists' ? statement.select.table : statement.table
}

/**
 * Finds the one item that a statement other than SELECT is about.
 * @throws ValidationException, ResourceNotFoundException
 */
export function singleItem(ctx: Context, statement: SingleItem['statement']): SingleItem {
  const ref = findTable(ctx, tableName(statement))
  const item = statement.kind === 'insert' ? requestItem(statement.item).item : undefined
  const table = openTable(ref)
  if (item) return { ctx: ref.ctx, statement, table, key: putKeyOf(table, item), attributes: item }
  const where = statement.kind === 'exists' ? statement.select.where : (statement as UpdateStatement | Delete).where
  const attributes = requiredKey(table, where)
  const key = writeKeyOf(table, attributes)
  if (statement.kind === 'update') {
    checkKeyUntouched(table, { condition: where, update: statement.update, legacy: undefined, paths: updatedPaths(statement.update) })
  }
  return { ctx: ref.ctx, statement, table, key, attributes }
}

/**
 * Works out what a statement does, without doing it.
 * @throws ConditionalCheckFailedException, DuplicateItemException, ValidationException
 */
export function writeStep(single: SingleItem, onFailure?: OnFailure): WriteStep {
  const { ctx, table, key, statement } = single
  const entry = table.items.get(key)
  const base = { ctx, table, key, old: entry?.item, check: false, returned: undefined }
  switch (statement.kind) {
    case 'insert':
      return insert(single, statement, base)
    case 'update':
      return update(single, statement, base, onFailure)
    case 'delete':
      return remove(statement, base, onFailure)
    case 'exists':
      return exists(statement, { ...base, size: entry?.size ?? 0 }, onFailure)
  }
}

type Base = Omit<WriteStep, 'item' | 'size'>

function insert({ table, key }: SingleItem, statement: Insert, base: Base): WriteStep {
  if (base.old) throw new AwsError('DuplicateItemException', 'Duplicate primary key exists in table')
  const { item, size } = requestItem(statement.item)
  checkCollection(table, key, size)
  return { ...base, item, size }
}

function update({ table, key, attributes }: SingleItem, statement: UpdateStatement, base: Base, onFailure: OnFailure): WriteStep {
  checkCondition(statement.where, base.old, onFailure)
  const paths = updatedPaths(statement.update)
  const plan = { condition: statement.where, update: statement.update, legacy: undefined, paths }
  const { item, size } = updatedItem(table, plan, base.old, attributes)
  checkCollection(table, key, size - (table.items.get(key)?.size ?? 0))
  const { returning } = statement
  const returned = returning && (returning.endsWith('OLD') ? base.old : item)
  return { ...base, item, size, returned: returned && returning.startsWith('MODIFIED') ? project(returned, paths) : returned }
}

function remove(statement: Delete, base: Base, onFailure: OnFailure): WriteStep {
  // Nothing to delete is a success; a condition that doesn't hold for what is there isn't.
  if (base.old) checkCondition(statement.where, base.old, onFailure)
  return { ...base, item: undefined, size: 0, returned: statement.returning && base.old }
}

function exists({ select }: Exists, base: Base & { size: number }, onFailure: OnFailure): WriteStep {
  if (select.index !== undefined) throw validation('EXISTS can not be used with an index')
  checkCondition(select.where, base.old, onFailure)
  return { ...base, check: true, item: base.old }
}

import type { AttributeValueUpdate } from '@aws-sdk/client-dynamodb'
import { invalidValues, validation } from '../errors.js'
import { added, without } from '../expression/apply-update.js'
import { type AttributeValue, attribute, type Item, setAttribute, typeOf } from '../value/attribute-value.js'
import { normalizeValue } from '../value/normalize.js'

/** One change of the legacy `AttributeUpdates`. */
export interface AttributeUpdate {
  readonly name: string
  readonly action: 'PUT' | 'ADD' | 'DELETE'
  readonly value: AttributeValue | undefined
}

/**
 * Checks the legacy `AttributeUpdates`.
 * @throws ValidationException for an action that doesn't go with its value.
 */
export function attributeUpdates(updates: Readonly<Record<string, AttributeValueUpdate>>): AttributeUpdate[] {
  return Object.entries(updates).map(([name, { Action = 'PUT', Value }]) => {
    if (Value === undefined) {
      if (Action !== 'DELETE') throw invalidValues('Only DELETE action is allowed when no attribute value is specified')
      return { name, action: Action, value: undefined }
    }
    const value = normalizeValue(Value)
    const type = typeOf(value)
    const isSet = type === 'SS' || type === 'NS' || type === 'BS'
    if (Action === 'DELETE' && !isSet) throw invalidValues(`DELETE action with value is not supported for the type ${type}`)
    if (Action === 'ADD' && !isSet && type !== 'N' && type !== 'L') throw invalidValues(`ADD action is not supported for the type ${type}`)
    return { name, action: Action as AttributeUpdate['action'], value }
  })
}

/** Makes the new item. @throws ValidationException when an attribute has another type than its change needs. */
export function applyAttributeUpdates(item: Item, updates: readonly AttributeUpdate[]): Record<string, AttributeValue> {
  const out = { ...item }
  for (const { name, action, value } of updates) {
    const old = attribute(item, name)
    const result = value === undefined ? undefined : action === 'PUT' ? value : changed(old, action, value)
    if (result === undefined) delete out[name]
    else setAttribute(out, name, result)
  }
  return out
}

function changed(old: AttributeValue | undefined, action: 'ADD' | 'DELETE', value: AttributeValue): AttributeValue | undefined {
  if (old !== undefined && typeOf(old) !== typeOf(value)) throw validation('Type mismatch for attribute to update')
  if (action === 'DELETE') return without(old, value)
  return old?.L && value.L ? { L: [...old.L, ...value.L] } : added(old, value)
}

import type { AttributeValue } from '../value/attribute-value.js'

/** Which request parameter an expression came from; it begins every message about it. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression'

/** A way into an item: attribute names and list indexes; the first is always a name. */
export type DocumentPath = readonly (string | number)[]

export interface PathOperand {
  readonly kind: 'path'
  /** As parsed: names may be `#placeholders`. As bound: real names. */
  readonly path: DocumentPath
}

/** A `:placeholder`; only in expressions as parsed. */
export interface PlaceholderOperand {
  readonly kind: 'placeholder'
  readonly name: string
}

/** A value of the request; only in bound expressions. */
export interface ValueOperand {
  readonly kind: 'value'
  readonly value: AttributeValue
}

export type FunctionName =
  | 'attribute_exists'
  | 'attribute_not_exists'
  | 'attribute_type'
  | 'begins_with'
  | 'contains'
  | 'size'
  | 'if_not_exists'
  | 'list_append'

export interface Call {
  readonly kind: 'call'
  readonly name: FunctionName
  readonly args: readonly Operand[]
}

/** `+` or `-` in an update. */
export interface Arithmetic {
  readonly kind: 'arithmetic'
  readonly operator: '+' | '-'
  readonly left: Operand
  readonly right: Operand
}

export type Operand = PathOperand | PlaceholderOperand | ValueOperand | Call | Arithmetic

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

/** A condition, as parsed or as bound to a request's names and values. */
export type Condition =
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'and'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | Call

/** An update, as parsed or as bound. */
export interface Update {
  readonly set: readonly { readonly path: DocumentPath; readonly value: Operand }[]
  readonly remove: readonly DocumentPath[]
  readonly add: readonly { readonly path: DocumentPath; readonly value: Operand }[]
  readonly delete: readonly { readonly path: DocumentPath; readonly value: Operand }[]
}

/** A path as AWS prints it inside messages: `[a, [1], b]`. */
export function printPath(path: DocumentPath): string {
  return `[${path.map(step => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`
}

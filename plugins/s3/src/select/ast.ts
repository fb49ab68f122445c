/** A step of a path: `.name`, `."name"`, `[3]`; `[*]` and `.*` in FROM alone. */
export type PathStep =
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'elements' }
  | { readonly kind: 'values' }

export type NameStep = Extract<PathStep, { kind: 'name' }>

export type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'timezone_hour' | 'timezone_minute'

/** The types that CAST knows. */
export type TypeName = 'bool' | 'int' | 'string' | 'float' | 'decimal' | 'timestamp'

export type Aggregate = 'avg' | 'count' | 'max' | 'min' | 'sum'

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '||' | '=' | '<>' | '<' | '<=' | '>' | '>='

export type Expression =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'path'; readonly root: NameStep; readonly steps: readonly PathStep[] }
  | { readonly kind: 'not' | 'negate'; readonly value: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'between'; readonly value: Expression; readonly low: Expression; readonly high: Expression }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'like'; readonly value: Expression; readonly pattern: Expression; readonly escape: Expression | undefined }
  | { readonly kind: 'is'; readonly value: Expression; readonly what: 'null' | 'missing' }
  | {
      readonly kind: 'case'
      readonly subject: Expression | undefined
      readonly whens: readonly { readonly when: Expression; readonly result: Expression }[]
      readonly otherwise: Expression | undefined
    }
  | { readonly kind: 'cast'; readonly value: Expression; readonly type: TypeName; readonly scale: number | undefined }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly part: DatePart | undefined }
  | {
      readonly kind: 'trim'
      readonly side: 'both' | 'leading' | 'trailing'
      readonly chars: Expression | undefined
      readonly value: Expression
    }
  /** `value` is undefined for `COUNT(*)`. */
  | { readonly kind: 'aggregate'; readonly name: Aggregate; readonly value: Expression | undefined }

/** One part of a select list, with its name in the answer where it has one. */
export interface SelectItem {
  readonly value: Expression
  readonly name: string | undefined
}

/** What a statement of S3 Select says. */
export interface Statement {
  /** Undefined for `*`. */
  readonly items: readonly SelectItem[] | undefined
  /** What `FROM S3Object[*].a.b[*]` picks out of each document. */
  readonly path: readonly PathStep[]
  /** The names by which the statement may call a record, in lower case. */
  readonly aliases: ReadonlySet<string>
  readonly where: Expression | undefined
  readonly limit: number | undefined
}

import type { Condition, DocumentPath, ExpressionKind, Update } from './ast.js'
import { bindCondition, bindProjection, bindUpdate } from './bind.js'
import { parseCondition } from './condition-parser.js'
import type { Placeholders } from './placeholders.js'
import { parseProjection } from './projection-parser.js'
import { parseUpdate } from './update-parser.js'

/** How many parsed expressions are kept. */
const CAPACITY = 1000

/** Parses each expression once: programs send the same few over and over, with other values. The least recently used ones are dropped. */
export class ExpressionCache {
  readonly #parsed = new Map<string, unknown>()

  /** A condition, filter or key condition, with a request's names and values. @throws ValidationException with AWS's text. */
  condition(kind: ExpressionKind, source: string, placeholders: Placeholders): Condition {
    return bindCondition(
      kind,
      this.#get(kind, source, text => parseCondition(kind, text)),
      placeholders,
    )
  }

  /** An update expression. @throws ValidationException with AWS's text. */
  update(source: string, placeholders: Placeholders): Update {
    return bindUpdate(this.#get('UpdateExpression', source, parseUpdate), placeholders)
  }

  /** The paths of a projection expression. @throws ValidationException with AWS's text. */
  projection(source: string, placeholders: Placeholders): DocumentPath[] {
    return bindProjection(this.#get('ProjectionExpression', source, parseProjection), placeholders)
  }

  #get<T>(kind: ExpressionKind, source: string, parse: (source: string) => T): T {
    const key = `${kind} ${source}`
    let parsed = this.#parsed.get(key) as T | undefined
    if (parsed === undefined) {
      parsed = parse(source)
      if (this.#parsed.size >= CAPACITY) this.#parsed.delete(this.#parsed.keys().next().value!)
    } else {
      this.#parsed.delete(key)
    }
    this.#parsed.set(key, parsed)
    return parsed
  }
}

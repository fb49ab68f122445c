import { validation } from '../errors.js'
import type { DocumentPath, Operand, Update } from '../expression/ast.js'
import { checkUpdatedPaths } from '../expression/bind.js'
import type { AttributeValue } from '../value/attribute-value.js'
import { ConditionParser } from './condition.js'
import { malformed } from './lexer.js'
import type { Delete, Exists, Insert, OrderKey, Parameters, Returning, Select, Statement, UpdateStatement } from './statement.js'

interface Changes {
  readonly set: { path: DocumentPath; value: Operand }[]
  readonly remove: DocumentPath[]
  readonly add: { path: DocumentPath; value: Operand }[]
  readonly delete: { path: DocumentPath; value: Operand }[]
}

/**
 * The grammar of statements.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
 */
class StatementParser extends ConditionParser {
  parse(): Statement {
    const statement = this.#statement()
    this.finish()
    return statement
  }

  #statement(): Statement {
    if (this.takeWord('SELECT')) return this.#select()
    if (this.takeWord('INSERT')) return this.#insert()
    if (this.takeWord('UPDATE')) return this.#update()
    if (this.takeWord('DELETE')) return this.#delete()
    if (this.takeWord('EXISTS')) return this.#exists()
    throw malformed('Unexpected term')
  }

  #exists(): Exists {
    this.expectSymbol('(')
    this.expectWord('SELECT')
    const select = this.#select()
    this.expectSymbol(')')
    return { kind: 'exists', select }
  }

  #select(): Select {
    const columns = this.#columns()
    this.expectWord('FROM')
    const table = this.name()
    const index = this.takeSymbol('.') ? this.name() : undefined
    if (this.atWord('AS') || this.atName()) throw this.#unsupportedClause()
    const where = this.#where()
    const order = this.#order()
    if (this.token.type === 'word') throw this.#unsupportedClause()
    return { kind: 'select', table, index, columns, where, order }
  }

  #unsupportedClause() {
    const word = this.token.text.toUpperCase()
    const names: Readonly<Record<string, string>> = { GROUP: 'GROUP BY', LIMIT: 'LIMIT', HAVING: 'HAVING', OFFSET: 'OFFSET', AS: 'AS' }
    return names[word] ? validation(`Unsupported clause: ${names[word]}`) : this.unexpected()
  }

  #columns(): DocumentPath[] | undefined {
    if (this.takeSymbol('*')) return undefined
    if (this.takeWord('DISTINCT')) throw validation('Unsupported clause: DISTINCT')
    const columns: DocumentPath[] = []
    do {
      if (this.atCall()) throw validation(`Unsupported function in SELECT: ${this.token.text}`)
      columns.push(this.path())
    } while (this.takeSymbol(','))
    return columns
  }

  #where() {
    return this.takeWord('WHERE') ? this.condition() : undefined
  }

  #order(): OrderKey[] {
    if (!this.takeWord('ORDER')) return []
    this.expectWord('BY')
    const order: OrderKey[] = []
    do {
      const name = this.name()
      const descending = this.takeWord('DESC')
      if (!descending) this.takeWord('ASC')
      order.push({ name, descending })
    } while (this.takeSymbol(','))
    return order
  }

  #insert(): Insert {
    this.expectWord('INTO')
    const table = this.name()
    if (this.atWord('VALUES') || this.atSymbol('<<') || this.atSymbol('(')) {
      throw validation(
        'Unsupported operation: Inserting multiple items in a single statement is not supported, use "INSERT INTO tableName VALUE item" instead',
      )
    }
    this.expectWord('VALUE')
    const item = this.value()
    if (!item.M) throw validation('Unsupported operation: the value of an INSERT must be a map of attributes')
    return { kind: 'insert', table, item: item.M }
  }

  #update(): UpdateStatement {
    const table = this.name()
    const changes: Changes = { set: [], remove: [], add: [], delete: [] }
    for (;;) {
      if (this.takeWord('SET')) {
        do this.#assignment(changes)
        while (this.takeSymbol(','))
      } else if (this.takeWord('REMOVE')) {
        do changes.remove.push(this.path())
        while (this.takeSymbol(','))
      } else break
    }
    const update: Update = changes
    if (update.set.length + update.remove.length + update.add.length + update.delete.length === 0) throw this.unexpected()
    checkUpdatedPaths(update)
    const where = this.#where()
    return { kind: 'update', table, update, where, returning: this.#returning() }
  }

  #assignment(changes: Changes): void {
    const path = this.path()
    this.expectSymbol('=')
    const name = this.atCall() ? this.token.text.toLowerCase() : undefined
    if (name === 'set_add' || name === 'set_delete') {
      changes[name === 'set_add' ? 'add' : 'delete'].push({ path, value: { kind: 'value', value: this.#members(name, path) } })
      return
    }
    let value = this.#term()
    while (this.atSymbol('+') || this.atSymbol('-')) {
      const operator = this.next().text as '+' | '-'
      value = { kind: 'arithmetic', operator, left: value, right: this.#term() }
    }
    changes.set.push({ path, value })
  }

  #members(name: string, path: DocumentPath): AttributeValue {
    const [target, members, ...rest] = this.callArguments(() => this.operand())
    if (target?.kind !== 'path' || members?.kind !== 'value' || rest.length > 0) throw malformed(`${name} takes a path and a set`)
    if (JSON.stringify(target.path) !== JSON.stringify(path)) {
      throw validation(`The first argument of ${name} must be the attribute that is being set`)
    }
    const { value } = members
    if (!value.SS && !value.NS && !value.BS) throw validation(`The second argument of ${name} must be a set`)
    return value
  }

  #term(): Operand {
    if (this.atCall()) {
      const name = this.token.text
      if (name.toLowerCase() !== 'list_append') throw validation(`Unsupported function in SET: ${name}`)
      const args = this.callArguments(() => this.operand())
      if (args.length !== 2) throw malformed(`list_append takes 2 arguments, received: ${args.length}`)
      return { kind: 'call', name: 'list_append', args }
    }
    return this.operand()
  }

  #delete(): Delete {
    this.expectWord('FROM')
    const table = this.name()
    const where = this.#where()
    const returning = this.#returning()
    if (returning !== undefined && returning !== 'ALL_OLD') {
      throw validation('Unsupported RETURNING clause: DELETE supports RETURNING ALL OLD * only')
    }
    return { kind: 'delete', table, where, returning }
  }

  #returning(): Returning | undefined {
    if (!this.takeWord('RETURNING')) return undefined
    const which = this.takeWord('ALL') ? 'ALL' : this.takeWord('MODIFIED') ? 'MODIFIED' : undefined
    const when = this.takeWord('OLD') ? 'OLD' : this.takeWord('NEW') ? 'NEW' : undefined
    if (!which || !when) throw this.unexpected()
    this.expectSymbol('*')
    return `${which}_${when}`
  }
}

/**
 * Parses a statement and puts its parameters in.
 * @throws ValidationException for what isn't PartiQL, or isn't supported, or has another number of parameters.
 */
export function parseStatement(source: string, parameters: Parameters = []): Statement {
  return new StatementParser(source, parameters).parse()
}

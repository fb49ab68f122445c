import { Accumulator } from './aggregates.js'
import type { Expression, Statement } from './ast.js'
import { selectError } from './errors.js'
import { compile, type Evaluate, isMet, type Row, type Scope } from './evaluate.js'
import { MAX_RECORD_CHARACTERS, type Records } from './input.js'
import type { WriteRecord } from './output.js'
import { has } from './parser.js'
import type { Value } from './values.js'

/**
 * Runs a statement over records, in memory that doesn't grow with them.
 *
 * @param now milliseconds since the epoch: what UTCNOW tells.
 * @returns the answer's text, piece by piece; a piece may be empty, which tells that it goes on.
 */
export function runQuery(statement: Statement, records: Records, write: WriteRecord, now: number): AsyncGenerator<string> {
  const accumulators: { evaluate: Evaluate; sum: Accumulator }[] = []
  const scope: Scope = {
    now,
    resolve: (root, steps) => records.resolve(root, steps),
    aggregate: ({ name, value }) => {
      const sum = new Accumulator(name)
      // COUNT(*) counts whatever there is.
      accumulators.push({ evaluate: value ? compile(value, scope) : () => 1, sum })
      return () => sum.result()
    },
  }
  const where = statement.where && compile(statement.where, scope)
  const items = statement.items?.map(({ value, name }, at) => ({ evaluate: compile(value, scope), name: name ?? `_${at + 1}` }))
  const isAggregate = statement.items?.some(({ value }: { value: Expression }) => has(value, 'aggregate')) ?? false
  const project = items
    ? (row: Row) => items.map(({ evaluate, name }): [string, Value] => [name, evaluate(row)])
    : (row: Row) => records.all(row)
  const written = (row: Row) => {
    const text = write(project(row))
    if (text.length > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
    return text
  }
  const limit = statement.limit ?? Number.POSITIVE_INFINITY
  return isAggregate
    ? aggregated(records, where, accumulators, () => (limit > 0 ? written(undefined) : ''))
    : filtered(records, where, limit, written)
}

async function* filtered(
  { batches }: Records,
  where: Evaluate | undefined,
  limit: number,
  written: (row: Row) => string,
): AsyncGenerator<string> {
  let left = limit
  if (left === 0) return
  for await (const rows of batches) {
    let text = ''
    for (const row of rows) {
      if (!isMet(where, row)) continue
      text += written(row)
      if (--left === 0) break
    }
    yield text
    if (left === 0) return
  }
}

async function* aggregated(
  { batches }: Records,
  where: Evaluate | undefined,
  accumulators: readonly { evaluate: Evaluate; sum: Accumulator }[],
  written: () => string,
): AsyncGenerator<string> {
  for await (const rows of batches) {
    for (const row of rows) {
      if (!isMet(where, row)) continue
      for (const { evaluate, sum } of accumulators) sum.add(evaluate(row))
    }
    yield ''
  }
  yield written()
}

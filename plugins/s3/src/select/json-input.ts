import type { NameStep, PathStep } from './ast.js'
import { selectError } from './errors.js'
import type { Evaluate, Row } from './evaluate.js'
import { MAX_RECORD_CHARACTERS, type Records, textOf } from './input.js'
import { JsonScanner } from './json-scanner.js'
import { valueAt } from './paths.js'
import { isStruct, parseNumber, type Value } from './values.js'

/**
 * JSON as records: what a path leads to in each document.
 *
 * @param lines is each line a document? Otherwise documents follow each other in whatever form.
 */
export function openJson(
  bytes: AsyncIterable<Uint8Array>,
  lines: boolean,
  path: readonly PathStep[],
  aliases: ReadonlySet<string>,
): Records {
  const text = textOf(bytes)
  return { batches: lines ? linesOf(text, path) : documentsOf(text, path), ...structAccess(aliases) }
}

/** How records with members are looked into. */
export function structAccess(aliases: ReadonlySet<string>): Pick<Records, 'resolve' | 'all'> {
  return {
    resolve: (root, steps) => resolver(root, steps, aliases),
    all: row => (isStruct(row) ? Object.entries(row) : [['_1', row]]),
  }
}

function resolver(root: NameStep, steps: readonly PathStep[], aliases: ReadonlySet<string>): Evaluate {
  if (aliases.has(root.name.toLowerCase())) {
    // A record that is no struct has one column.
    const [first, ...rest] = steps
    if (first?.kind === 'name' && first.name === '_1') return row => (isStruct(row) ? valueAt(row, steps) : valueAt(row, rest))
    return row => valueAt(row, steps)
  }
  const all = [root, ...steps]
  if (root.name === '_1') return row => (isStruct(row) ? valueAt(row, all) : valueAt(row, steps))
  return row => valueAt(row, all)
}

async function* linesOf(text: AsyncIterable<string>, path: readonly PathStep[]): AsyncGenerator<Row[]> {
  let left = ''
  const read = (lines: readonly string[]) => {
    const rows: Row[] = []
    for (const line of lines) {
      if (line.length > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
      if (line.trim() !== '') for (const row of picked(parseJson(line), path)) rows.push(row)
    }
    return rows
  }
  for await (const piece of text) {
    const lines = (left + piece).split('\n')
    left = lines.pop() ?? ''
    if (left.length > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
    const rows = read(lines)
    if (rows.length > 0) yield rows
  }
  const rows = read([left])
  if (rows.length > 0) yield rows
}

/** Documents are looked through as far as the last wildcard, so that one that is a long list takes no more memory than its elements. */
async function* documentsOf(text: AsyncIterable<string>, path: readonly PathStep[]): AsyncGenerator<Row[]> {
  const wildcards = path.findLastIndex(({ kind }) => kind === 'elements' || kind === 'values') + 1
  const scanner = new JsonScanner(path.slice(0, wildcards))
  const rest = path.slice(wildcards)
  const read = (found: readonly string[]) => found.map(json => valueAt(parseJson(json), rest))
  for await (const piece of text) {
    const rows = read(scanner.push(piece))
    if (rows.length > 0) yield rows
  }
  const rows = read(scanner.end())
  if (rows.length > 0) yield rows
}

/** The values that a path with wildcards leads to. */
export function picked(value: Value, path: readonly PathStep[]): Value[] {
  const wildcard = path.findIndex(({ kind }) => kind === 'elements' || kind === 'values')
  if (wildcard < 0) return [valueAt(value, path)]
  const container = valueAt(value, path.slice(0, wildcard))
  const rest = path.slice(wildcard + 1)
  const wanted = path[wildcard]?.kind === 'elements' ? Array.isArray(container) : isStruct(container)
  if (!wanted) return []
  return Object.values(container as Value[]).flatMap(element => picked(element, rest))
}

const LONG_INTEGER = /\d{16}/
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g

/** Reads JSON; integers that a number can't hold are bigints. @throws JSONParsingError */
export function parseJson(text: string): Value {
  try {
    if (!LONG_INTEGER.test(text)) return JSON.parse(text)
    // Marked by a member that no real document has.
    const marked = text.replace(STRING_OR_LONG_INTEGER, piece => (piece.startsWith('"') ? piece : `{"\\u0000int":"${piece}"}`))
    return JSON.parse(marked, (_, value) => (typeof value === 'object' && value?.['\0int'] ? parseNumber(value['\0int']) : value))
  } catch (cause) {
    throw selectError('JSONParsingError', undefined, cause)
  }
}

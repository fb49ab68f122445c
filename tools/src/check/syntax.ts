import { parseSync } from 'oxc-parser'
import type { SourceFile } from '../workspace.js'

/** A node of the syntax tree (ESTree with TypeScript's additions). */
export interface Node {
  readonly type: string
  readonly start: number
  readonly [name: string]: unknown
}

/** A parsed source file. */
export interface Syntax {
  readonly program: Node
  /** What the file imports or exports from elsewhere, types included. */
  readonly imports: readonly { readonly specifier: string; readonly start: number }[]
  line(start: number): number
}

const parsed = new WeakMap<SourceFile, Syntax>()

/** Parses a TypeScript file, once. @throws Error that names file and place, when it isn't TypeScript */
export function parse(file: SourceFile): Syntax {
  const known = parsed.get(file)
  if (known) return known
  const { program, errors } = parseSync(file.path, file.text, { lang: 'ts', sourceType: 'module' })
  if (errors[0]) throw new Error(`${file.path}: ${errors[0].message}`)
  const syntax: Syntax = {
    program: program as unknown as Node,
    imports: importsOf(program as unknown as Node),
    line: start => file.text.slice(0, start).split('\n').length,
  }
  parsed.set(file, syntax)
  return syntax
}

/**
 * Visits a node and all below it.
 *
 * @param visit gets each node and how many functions are around it
 */
export function walk(node: Node, visit: (node: Node, depth: number) => void, depth = 0): void {
  visit(node, depth)
  const inner = isFunction(node) ? depth + 1 : depth
  for (const key in node) {
    const value = node[key]
    if (Array.isArray(value)) {
      for (const element of value) if (isNode(element)) walk(element, visit, inner)
    } else if (isNode(value)) walk(value, visit, inner)
  }
}

/** Whether a value of the tree is a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** The name of an identifier; undefined for every other node. */
export function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? (node.name as string) : undefined
}

/** The name of a member expression's property: `now` of `Date.now`. */
export function propertyOf(node: Node): string | undefined {
  return node.computed ? undefined : nameOf(node.property)
}

function isFunction(node: Node): boolean {
  return node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
}

function importsOf(program: Node): { specifier: string; start: number }[] {
  const imports: { specifier: string; start: number }[] = []
  walk(program, node => {
    const source = node.type === 'TSImportType' ? (node.source ?? node.argument) : node.source
    if (!isNode(source)) return
    const literal = source.type === 'TSLiteralType' ? (source.literal as Node) : source
    if (typeof literal.value === 'string') imports.push({ specifier: literal.value, start: node.start })
  })
  return imports
}

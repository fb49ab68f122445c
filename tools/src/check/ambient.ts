import type { SourceFile } from '../workspace.js'
import type { Problem } from './problem.js'
import { isNode, type Node, nameOf, parse, propertyOf, walk } from './syntax.js'

const MUTATORS = new Set('set add delete clear push pop shift unshift splice sort reverse fill copyWithin'.split(' '))
const TIMERS = new Set(['setTimeout', 'setInterval'])

/**
 * No ambient state in plugins: nothing at module level that changes, no clock, timer, randomness or environment but the context's.
 * Tables that a module fills while it loads are constants.
 */
export function ambientState(file: SourceFile): Problem[] {
  if (!/^plugins\/[^/]+\/src\//.test(file.path)) return []
  const { program, line } = parse(file)
  const problems: Problem[] = []
  const report = (node: { start: number }, message: string) =>
    problems.push({ check: 'ambient-state', file: file.path, line: line(node.start), message })

  const collections = new Set<string>()
  for (const { declaration, name, init } of moduleVariables(program)) {
    if (declaration.kind !== 'const') report(declaration, `\`${declaration.kind} ${name}\` at module level; state belongs into \`state()\``)
    else if (isCollection(init)) collections.add(name)
  }
  walk(program, (node, depth) => {
    const used = ambientUse(node)
    if (used) report(node, used)
    if (depth === 0) return
    const changed = changedVariable(node)
    if (changed && collections.has(changed)) report(node, `\`${changed}\` at module level is written to; state belongs into \`state()\``)
  })
  return problems
}

function ambientUse(node: Node): string | undefined {
  if (node.type === 'ImportDeclaration' && importsTimer(node)) return 'a timer of Node; use ctx.clock and ctx.background'
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node.object)}.${propertyOf(node)}`
    if (name === 'Date.now' || name === 'performance.now') return `\`${name}\`; use ctx.clock`
    if (name === 'Math.random') return '`Math.random`; use node:crypto'
    if (name === 'process.env') return '`process.env`; use ctx.config'
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && !(node.arguments as unknown[]).length)
    return '`new Date()`; use ctx.clock'
  if (node.type === 'CallExpression') {
    const name = nameOf(node.callee)
    if (name === 'Date') return '`Date()`; use ctx.clock'
    if (name && TIMERS.has(name)) return `\`${name}\`; use ctx.clock and ctx.background`
  }
  if (node.type === 'PropertyDefinition' && node.static && !node.readonly && node.value)
    return 'a static field that can change; make it `readonly`'
  return undefined
}

/** `setImmediate` alone only lets others have their turn. */
function importsTimer(node: Node): boolean {
  if (!/^(node:)?timers(\/promises)?$/.test(String((node.source as Node).value))) return false
  return (node.specifiers as Node[]).some(specifier => nameOf(specifier.imported) !== 'setImmediate')
}

function* moduleVariables(program: Node): Generator<{ declaration: Node; name: string; init: unknown }> {
  for (const statement of program.body as Node[]) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (!isNode(declaration) || declaration.type !== 'VariableDeclaration' || declaration.declare) continue
    for (const { id, init } of declaration.declarations as { id: unknown; init: unknown }[])
      yield { declaration, name: nameOf(id) ?? '{...}', init }
  }
}

function isCollection(init: unknown): boolean {
  if (!isNode(init)) return false
  if (init.type === 'TSAsExpression' || init.type === 'TSSatisfiesExpression') return isCollection(init.expression)
  return init.type === 'ArrayExpression' || init.type === 'ObjectExpression' || init.type === 'NewExpression'
}

/** The variable that a node changes in place: `x` of `x.a = 1`, `x[0]++`, `delete x.a`, `x.set(...)`, `Object.assign(x, ...)`. */
function changedVariable(node: Node): string | undefined {
  if (node.type === 'AssignmentExpression') return rootOfMember(node.left)
  if (node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node.operator === 'delete'))
    return rootOfMember(node.argument)
  if (node.type !== 'CallExpression' || !isNode(node.callee) || node.callee.type !== 'MemberExpression') return undefined
  const method = propertyOf(node.callee)
  if (nameOf(node.callee.object) === 'Object' && method === 'assign') return nameOf((node.arguments as unknown[])[0])
  return method && MUTATORS.has(method) ? (nameOf(node.callee.object) ?? rootOfMember(node.callee.object)) : undefined
}

function rootOfMember(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== 'MemberExpression') return undefined
  return nameOf(node.object) ?? rootOfMember(node.object)
}

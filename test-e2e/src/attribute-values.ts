/** A value with each attribute value of DynamoDB in it, at any depth, as one of the language. */
export function plain(value: unknown, setOf: (members: unknown[]) => unknown): unknown {
  if (Array.isArray(value)) return value.map(member => plain(member, setOf))
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value
  const entries = Object.entries(value)
  const [type, content] = entries.length === 1 ? entries[0]! : ['', undefined]
  switch (type) {
    case 'S':
    case 'BOOL':
      return content
    case 'N':
      return Number(content)
    case 'NULL':
      return null
    case 'SS':
      return setOf(content)
    case 'NS':
      return setOf(content.map(Number))
    case 'L':
    case 'M':
      return plain(content, setOf)
    default:
      return Object.fromEntries(entries.map(([name, member]) => [name, plain(member, setOf)]))
  }
}

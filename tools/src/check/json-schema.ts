/** The part of JSON Schema that `tools/manifest.schema.json` uses. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  /** `regex`: the string is a regular expression. */
  readonly format?: 'regex'
  readonly description?: string
}

/** What of a value is not as its schema says, each with its place; an object has no property but those that the schema lists. */
export function conforms(value: unknown, schema: Schema, place = ''): string[] {
  const at = (message: string) => [`${place || 'the manifest'} ${message}`]
  if (schema.enum && !schema.enum.includes(value)) return at(`must be one of ${schema.enum.join(', ')}`)
  switch (schema.type) {
    case 'array':
      if (!Array.isArray(value)) return at('must be a list')
      if (value.length < (schema.minItems ?? 0)) return at(`must have at least ${schema.minItems} element`)
      return value.flatMap((element, i) => conforms(element, schema.items ?? {}, `${place}[${i}]`))
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? conformingProperties(value as Record<string, unknown>, schema, place)
        : at('must be an object')
    case 'string':
      if (typeof value !== 'string') return at('must be a string')
      if (schema.pattern && !new RegExp(schema.pattern).test(value)) return at(`must match ${schema.pattern}`)
      return schema.format === 'regex' && !isRegExp(value) ? at('must be a regular expression') : []
    case 'integer':
      return Number.isInteger(value) ? [] : at('must be an integer')
    case 'boolean':
      return typeof value === 'boolean' ? [] : at('must be true or false')
    default:
      return []
  }
}

function conformingProperties(value: Record<string, unknown>, { properties = {}, required = [] }: Schema, place: string): string[] {
  const path = (name: string) => (place ? `${place}.${name}` : name)
  return [
    ...required.filter(name => !(name in value)).map(name => `${path(name)} is missing`),
    ...Object.keys(value).flatMap(name => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
      return schema ? conforms(value[name], schema, path(name)) : [`${path(name)} is unknown`]
    }),
  ]
}

function isRegExp(source: string): boolean {
  try {
    return Boolean(new RegExp(source))
  } catch {
    return false
  }
}

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Applies a JSON merge patch (RFC 7386) to a model and returns the result; neither argument changes.
 *
 * One thing is the model's own: an object laid over a member (`"string"` or `["string", {...}]`) is a patch of its traits, so
 * `{"QueueName": {"constraints": null}}` takes away the constraints and leaves the type.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  if (typeof target === 'string') return withTraits(target, {}, patch)
  if (Array.isArray(target) && typeof target[0] === 'string' && isObject(target[1])) return withTraits(target[0], target[1], patch)
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

function withTraits(type: string, traits: Json, patch: Json): unknown {
  const merged = mergePatch(traits, patch) as Json
  return Object.keys(merged).length > 0 ? [type, merged] : type
}

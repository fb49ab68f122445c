import { createHash } from 'node:crypto'
import type { ModelJson } from '@ministack/gateway/protocol'

/**
 * A model as the text of `model.json`: one operation or shape a line, keys sorted, so that a new SDK gives a readable diff.
 * `generated.sha256` is the digest of the whole text with that value empty.
 */
export function formatModel(model: Omit<ModelJson, 'generated'> & { generated: Omit<ModelJson['generated'], 'sha256'> }): string {
  const text = [
    '{',
    `"generated": ${JSON.stringify({ ...model.generated, sha256: '' })},`,
    `"service": ${JSON.stringify(model.service)},`,
    `"operations": {\n${lines(model.operations)}\n},`,
    `"shapes": {\n${lines(model.shapes)}\n}`,
    '}\n',
  ].join('\n')
  return text.replace('"sha256":""', `"sha256":"${sha256(text)}"`)
}

/** Whether a generated model's text is as the generator wrote it. */
export function isUntouched(text: string): boolean {
  const digest = /"sha256":"([0-9a-f]{64})"/.exec(text)?.[1]
  return digest !== undefined && sha256(text.replace(digest, '')) === digest
}

function lines(entries: Readonly<Record<string, unknown>>): string {
  return Object.keys(entries)
    .sort()
    .map(name => `${JSON.stringify(name)}: ${JSON.stringify(entries[name])}`)
    .join(',\n')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

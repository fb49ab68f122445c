import { cbor } from '@smithy/core/cbor'
import type { Outcome } from './exchange.js'
import type { BadRequest, Form } from './request.js'

/** Says what is wrong with an outcome; undefined when it is as it must be. */
export function judge({ expect, send }: BadRequest, outcome: Outcome): string | undefined {
  if (outcome.kind === 'hung') return `hung, after ${outcome.bytes.length} bytes: ${excerpt(outcome.bytes)}`
  if (expect.kind === 'broken') {
    return outcome.kind === 'answer' && outcome.status >= 500 && !isNotImplemented(outcome)
      ? `answered ${outcome.status}: ${excerpt(outcome.body)}`
      : undefined
  }
  if (outcome.kind === 'closed') return `was closed without an answer (${excerpt(outcome.bytes)})`
  const { status, headers, body } = outcome
  const said = `answered ${status} ${headers['content-type'] ?? ''}: ${excerpt(body)}`
  if (status < 400) return expect.kind === 'answered' && status >= 200 ? undefined : said
  const isHead = (send[0] as Buffer).subarray(0, 5).toString() === 'HEAD '
  const code = isHead ? '?' : codeOf(expect.form, outcome)
  if (code === undefined) return `is no error in the form of ${expect.form}: ${said}`
  return status < 500 || (status === 501 && code === 'NotImplemented') ? undefined : said
}

type Answer = Extract<Outcome, { kind: 'answer' }>

/** The code of an error, if it is one in this form. */
function codeOf(form: Form, answer: Answer): string | undefined {
  const { headers, body } = answer
  const type = headers['content-type'] ?? ''
  const text = body.toString('utf8')
  switch (form) {
    case 'any':
      return (['json', 'restJson', 'query', 'ec2', 'restXml', 'cbor'] as const)
        .map(each => codeOf(each, answer))
        .find(code => code !== undefined)
    case 'json':
    case 'restJson': {
      if (!type.includes('json')) return undefined
      try {
        const error = JSON.parse(text) as Record<string, unknown>
        const code = error.__type ?? headers['x-amzn-errortype'] ?? error.code
        return typeof code === 'string' ? code.slice(code.indexOf('#') + 1) : undefined
      } catch {
        return undefined
      }
    }
    case 'query':
      return /xml/.test(type) ? /<ErrorResponse.*<Error>.*<Code>([^<]+)<\/Code>/s.exec(text)?.[1] : undefined
    case 'ec2':
      return /xml/.test(type) ? /<Response><Errors><Error><Code>([^<]+)<\/Code>/.exec(text)?.[1] : undefined
    case 'restXml':
      return /xml/.test(type) ? /<Error>.*<Code>([^<]+)<\/Code>/s.exec(text)?.[1] : undefined
    case 'cbor':
      if (headers['smithy-protocol'] !== 'rpc-v2-cbor') return undefined
      try {
        const { __type: code } = cbor.deserialize(body) as Record<string, unknown>
        return typeof code === 'string' ? code.slice(code.indexOf('#') + 1) : undefined
      } catch {
        return undefined
      }
  }
}

function isNotImplemented(answer: Answer): boolean {
  return answer.status === 501 && codeOf('any', answer) === 'NotImplemented'
}

function excerpt(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 300))
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: the characters that a message may hold. */
const REFUSED = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

const ALLOWED = '#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'

/**
 * Why a text can't be sent; undefined when it can.
 * @param place what the text is, as the message names it: `message body`
 */
export function refusedCharacter(text: string, place: string): string | undefined {
  const found = REFUSED.exec(text)
  if (!found) return undefined
  const code = found[0].codePointAt(0)!.toString(16).toUpperCase()
  return `Invalid binary character '#x${code}' was found in the ${place}, the set of allowed characters is ${ALLOWED}`
}

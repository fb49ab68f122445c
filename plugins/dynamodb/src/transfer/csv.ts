/**
 * Cuts CSV text into rows of fields: quotes around fields, doubled quotes inside them, LF or CRLF at the end of a row.
 * Empty rows are left out.
 */
export function* csvRows(text: string, delimiter: string): Iterable<string[]> {
  let row: string[] = []
  let field = ''
  let quoted = false
  let started = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (quoted) {
      if (char !== '"') field += char
      else if (text[i + 1] === '"') {
        field += '"'
        i++
      } else quoted = false
    } else if (char === '"' && field === '') {
      quoted = true
      started = true
    } else if (char === delimiter) {
      row.push(field)
      field = ''
      started = true
    } else if (char === '\n' || char === '\r') {
      if (started || field !== '') yield [...row, field]
      row = []
      field = ''
      started = false
    } else field += char
  }
  if (started || field !== '') yield [...row, field]
}

/**
 * Puts text between two markers, `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error when the document doesn't have both
 */
export function fillMarkers(document: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const start = document.indexOf(open)
  const end = document.indexOf(close)
  if (start === -1 || end < start) throw new Error(`there are no markers ${open} and ${close}`)
  return `${document.slice(0, start + open.length)}\n${content}\n${document.slice(end)}`
}

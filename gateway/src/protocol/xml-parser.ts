import { MAX_DEPTH, MalformedValue } from './scalars.js'

/** An XML element. Names are without their prefix; attributes' names keep theirs. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>> | undefined
  children: XmlElement[] | undefined
  /** The character data between the children, as it stands. */
  text: string
}

const MAX_ELEMENTS = 1_000_000
const NAME = /[A-Za-z_:\u0080-\uffff][-A-Za-z0-9._:\u0080-\uffff]*/y
const SPACE = /[ \t\r\n]*/y
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const bad = (what: string): MalformedValue => new MalformedValue(what)

function legal(code: number): boolean {
  return (
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  )
}

function decodeText(raw: string): string {
  const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-fA-F]{1,8})|#(\d{1,10})|([A-Za-z]\w*));|&/g, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) {
      const known = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined
      if (known === undefined) throw bad('Unknown entity')
      return known
    }
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : Number.NaN
    if (!legal(code)) throw bad('Illegal character reference')
    return String.fromCodePoint(code)
  })
}

class Parser {
  readonly #xml: string
  #at = 0
  #elements = 0

  constructor(xml: string) {
    this.#xml = xml
  }

  document(): XmlElement {
    if (this.#xml.charCodeAt(0) === 0xfeff) this.#at = 1
    this.#misc()
    if (this.#xml[this.#at] !== '<') throw bad('Content is not allowed in prolog')
    const root = this.#element(0)
    this.#misc()
    if (this.#at !== this.#xml.length) throw bad('Content is not allowed after the root element')
    return root
  }

  /** Blanks, comments, processing instructions; a document type is refused whole, and its entities with it. */
  #misc(): void {
    for (;;) {
      this.#blank()
      if (this.#starts('<?')) this.#skip('?>')
      else if (this.#starts('<!--')) this.#skip('-->')
      else if (this.#starts('<!')) throw bad('DOCTYPE is not allowed')
      else return
    }
  }

  #starts(text: string): boolean {
    return this.#xml.startsWith(text, this.#at)
  }

  #skip(end: string): void {
    const at = this.#xml.indexOf(end, this.#at + 2)
    if (at === -1) throw bad('Unexpected end of document')
    this.#at = at + end.length
  }

  #blank(): void {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#xml)
    this.#at = SPACE.lastIndex
  }

  #name(): string {
    NAME.lastIndex = this.#at
    const name = NAME.exec(this.#xml)?.[0]
    if (name === undefined) throw bad('Malformed name')
    this.#at += name.length
    return name
  }

  #element(depth: number): XmlElement {
    if (depth > MAX_DEPTH) throw bad('Nesting is too deep')
    if (++this.#elements > MAX_ELEMENTS) throw bad('Too many elements')
    this.#at++
    const qualified = this.#name()
    const attributes = this.#attributes()
    const element: XmlElement = { name: qualified.slice(qualified.indexOf(':') + 1), attributes, children: undefined, text: '' }
    if (this.#starts('/>')) {
      this.#at += 2
      return element
    }
    if (this.#xml[this.#at] !== '>') throw bad('Malformed start tag')
    this.#at++
    this.#content(element, qualified, depth)
    return element
  }

  #attributes(): Record<string, string> | undefined {
    let attributes: Record<string, string> | undefined
    for (;;) {
      this.#blank()
      const next = this.#xml[this.#at]
      if (next === '>' || next === '/') return attributes
      const name = this.#name()
      this.#blank()
      if (this.#xml[this.#at] !== '=') throw bad('Attribute without a value')
      this.#at++
      this.#blank()
      const quote = this.#xml[this.#at]
      if (quote !== '"' && quote !== "'") throw bad('Attribute value without quotes')
      const end = this.#xml.indexOf(quote, this.#at + 1)
      if (end === -1) throw bad('Unexpected end of document')
      const value = this.#xml.slice(this.#at + 1, end)
      if (value.includes('<')) throw bad('Malformed attribute value')
      this.#at = end + 1
      attributes ??= Object.create(null) as Record<string, string>
      if (name in attributes) throw bad('Duplicate attribute')
      attributes[name] = decodeText(value)
    }
  }

  #content(element: XmlElement, qualified: string, depth: number): void {
    for (;;) {
      const open = this.#xml.indexOf('<', this.#at)
      if (open === -1) throw bad('Unexpected end of document')
      if (open > this.#at) {
        element.text += decodeText(this.#xml.slice(this.#at, open))
        this.#at = open
      }
      const next = this.#xml[open + 1]
      if (next === '/') {
        this.#at += 2
        if (this.#name() !== qualified) throw bad('End tag does not match its start tag')
        this.#blank()
        if (this.#xml[this.#at] !== '>') throw bad('Malformed end tag')
        this.#at++
        return
      }
      if (next === '!') this.#declaration(element)
      else if (next === '?') this.#skip('?>')
      else {
        element.children ??= []
        element.children.push(this.#element(depth + 1))
      }
    }
  }

  #declaration(element: XmlElement): void {
    if (this.#starts('<![CDATA[')) {
      const start = this.#at + 9
      this.#skip(']]>')
      element.text += this.#xml.slice(start, this.#at - 3).replace(/\r\n?/g, '\n')
    } else if (this.#starts('<!--')) this.#skip('-->')
    else throw bad('DOCTYPE is not allowed')
  }
}

/**
 * Parses an XML document. Our own and small: services need a tree with order and text kept exactly, strict well-formedness (AWS answers
 * `MalformedXML` for less), bounded depth, and no document types or entities at all.
 * @throws MalformedValue
 */
export function parseXml(xml: string): XmlElement {
  return new Parser(xml).document()
}

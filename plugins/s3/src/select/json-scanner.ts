import type { PathStep } from './ast.js'
import { selectError } from './errors.js'
import { MAX_RECORD_CHARACTERS } from './input.js'

/** A container on the way that a path leads, and how many of the path's steps led to it. */
interface Frame {
  readonly isArray: boolean
  readonly taken: number
  index: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Cuts the values that a path leads to out of JSON documents that come in pieces, one document after the other; holds no more than one
 * value at a time.
 */
export class JsonScanner {
  readonly #steps: readonly PathStep[]
  readonly #stack: Frame[] = []
  #expected: 'value' | 'key' | 'colon' | 'next' = 'value'
  /** How many steps lead to the value that comes next; -1 for one that isn't on the way. */
  #taken = 0
  /** What the text that is being read is for; undefined between values. */
  #inside: 'capture' | 'skip' | 'key' | undefined
  #depth = 0
  #inString = false
  #escaped = false
  #plain = false
  #held = ''

  /** @param steps a path; its value may be of any kind. */
  constructor(steps: readonly PathStep[]) {
    this.#steps = steps
  }

  /** Takes the next piece. @returns the values that ended in it, as JSON. @throws JSONParsingError, OverMaxRecordSize */
  push(text: string): string[] {
    const found: string[] = []
    let at = 0
    while (at < text.length) {
      if (this.#inside) at = this.#read(text, at, found)
      else {
        const code = text.charCodeAt(at)
        if (isBlank(code) || this.#take(code)) at++
      }
    }
    return found
  }

  /** Takes the end. @returns a number or a word that ended with it. @throws JSONParsingError when something is open still. */
  end(): string[] {
    const found: string[] = []
    if (this.#inside && this.#plain) this.#finish('', found)
    if (this.#inside || this.#stack.length > 0) throw selectError('JSONParsingError')
    return found
  }

  /** Takes a character between values. @returns false for one that begins a value or a key, which is read with its text. */
  #take(code: number): boolean {
    const frame = this.#stack.at(-1)
    switch (this.#expected) {
      case 'value':
        if (frame?.isArray) {
          if (code === CLOSE_ARRAY && frame.index === 0) return this.#pop()
          this.#taken = this.#match(frame, undefined)
        } else if (!frame) this.#taken = 0
        return this.#begin(code)
      case 'key':
        if (code === CLOSE_OBJECT && frame?.index === 0) return this.#pop()
        if (code !== QUOTE) throw selectError('JSONParsingError')
        this.#inside = 'key'
        return false
      case 'colon':
        if (code !== COLON) throw selectError('JSONParsingError')
        this.#expected = 'value'
        return true
      case 'next':
        if (!frame) throw selectError('JSONParsingError')
        if (code === (frame.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return this.#pop()
        if (code !== COMMA) throw selectError('JSONParsingError')
        frame.index++
        this.#expected = frame.isArray ? 'value' : 'key'
        return true
    }
  }

  /** @returns true where the character was taken as the beginning of a container on the way. */
  #begin(code: number): boolean {
    const step = this.#taken < 0 ? undefined : this.#steps[this.#taken]
    const array = step?.kind === 'elements' || step?.kind === 'index'
    if (step && code === (array ? OPEN_ARRAY : OPEN_OBJECT)) {
      this.#stack.push({ isArray: array, taken: this.#taken, index: 0 })
      this.#expected = array ? 'value' : 'key'
      return true
    }
    if (code === COMMA || code === COLON || code === CLOSE_ARRAY || code === CLOSE_OBJECT) throw selectError('JSONParsingError')
    this.#inside = this.#taken === this.#steps.length ? 'capture' : 'skip'
    this.#plain = code !== QUOTE && code !== OPEN_ARRAY && code !== OPEN_OBJECT
    return false
  }

  #pop(): true {
    this.#stack.pop()
    this.#expected = this.#stack.length > 0 ? 'next' : 'value'
    return true
  }

  #match(frame: Frame, key: string | undefined): number {
    const step = this.#steps[frame.taken]
    const fits =
      step?.kind === 'elements' ||
      step?.kind === 'values' ||
      (step?.kind === 'index' && step.index === frame.index) ||
      (step?.kind === 'name' && key !== undefined && (step.name === key || (!step.quoted && step.name.toLowerCase() === key.toLowerCase())))
    return fits ? frame.taken + 1 : -1
  }

  /** Reads on in a value or key. @returns where to go on. */
  #read(text: string, start: number, found: string[]): number {
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (code === BACKSLASH) this.#escaped = true
        else if (code === QUOTE) {
          this.#inString = false
          if (this.#depth === 0) return this.#finish(text.slice(start, at + 1), found, at + 1)
        }
      } else if (this.#plain) {
        if (code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || isBlank(code))
          return this.#finish(text.slice(start, at), found, at)
      } else if (code === QUOTE) this.#inString = true
      else if (code === OPEN_OBJECT || code === OPEN_ARRAY) this.#depth++
      else if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && --this.#depth === 0)
        return this.#finish(text.slice(start, at + 1), found, at + 1)
    }
    if (this.#inside !== 'skip') this.#hold(text.slice(start))
    return text.length
  }

  #hold(text: string): void {
    this.#held += text
    if (this.#held.length > MAX_RECORD_CHARACTERS) throw selectError('OverMaxRecordSize')
  }

  #finish(text: string, found: string[], next = 0): number {
    const inside = this.#inside
    this.#inside = undefined
    this.#plain = false
    if (inside !== 'skip') this.#hold(text)
    const whole = this.#held
    this.#held = ''
    const frame = this.#stack.at(-1)
    if (inside === 'key' && frame) {
      this.#taken = this.#match(frame, String(parsed(whole)))
      this.#expected = 'colon'
      return next
    }
    if (inside === 'capture') found.push(whole)
    this.#expected = frame ? 'next' : 'value'
    return next
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw selectError('JSONParsingError', undefined, cause)
  }
}

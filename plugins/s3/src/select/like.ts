import { selectError } from './errors.js'

/**
 * The pattern of a LIKE: `%` is any text, `_` any character, and both are themselves after the escape character.
 *
 * @throws LikeInvalidInputs, EvaluatorLikePatternInvalidEscapeSequence
 */
export function likePattern(pattern: string, mark: string | undefined): RegExp {
  if (mark !== undefined && Array.from(mark).length !== 1) throw selectError('LikeInvalidInputs')
  let source = ''
  let escaped = false
  for (const character of pattern) {
    if (escaped) {
      if (character !== '%' && character !== '_' && character !== mark) throw selectError('EvaluatorLikePatternInvalidEscapeSequence')
      source += literal(character)
      escaped = false
    } else if (character === mark) escaped = true
    else source += character === '%' ? '.*' : character === '_' ? '.' : literal(character)
  }
  if (escaped) throw selectError('EvaluatorLikePatternInvalidEscapeSequence')
  return new RegExp(`^${source.replace(/(?:\.\*)+/g, '.*')}$`, 'su')
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
}

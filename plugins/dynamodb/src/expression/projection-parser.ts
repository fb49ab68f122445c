import type { DocumentPath } from './ast.js'
import { Parser } from './parser.js'

/** The grammar of projection expressions: paths between commas. */
class ProjectionParser extends Parser {
  parse(): DocumentPath[] {
    const paths: DocumentPath[] = []
    do paths.push(this.path())
    while (this.takeSymbol(','))
    this.finish()
    return paths
  }
}

/**
 * Parses a projection; its names are still placeholders.
 * @throws ValidationException with AWS's text.
 */
export function parseProjection(source: string): DocumentPath[] {
  return new ProjectionParser('ProjectionExpression', source).parse()
}

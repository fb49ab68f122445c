/** Something that a check found wrong. */
export interface Problem {
  /** The check's name, as in `tools/exceptions.json`. */
  readonly check: string
  /** The file, relative to the workspace's root. */
  readonly file: string
  readonly line?: number
  readonly message: string
}

/** A problem that is accepted, with the reason why. */
export interface Exception {
  readonly check: string
  readonly file: string
  readonly reason: string
}

/**
 * Takes the accepted problems out.
 *
 * @returns what is left, and the exceptions that nothing needs any more as problems of their own
 */
export function withoutExceptions(problems: readonly Problem[], exceptions: readonly Exception[]): Problem[] {
  const matches = (problem: Problem, exception: Exception) => problem.check === exception.check && problem.file === exception.file
  const left = problems.filter(problem => !exceptions.some(exception => matches(problem, exception)))
  const unused = exceptions.filter(exception => !problems.some(problem => matches(problem, exception)))
  const file = 'tools/exceptions.json'
  const idle = unused.map(exception => ({
    check: 'exceptions',
    file,
    message: `nothing needs the exception of ${exception.check} for ${exception.file}`,
  }))
  const bare = exceptions
    .filter(exception => !exception.reason)
    .map(exception => ({ check: 'exceptions', file, message: `${exception.file} has no reason` }))
  return [...left, ...idle, ...bare]
}

import { validationError } from './errors.js'

/**
 * The source identity of a new session: it is set once and stays over the whole chain of roles.
 * @throws ValidationError for a reserved value, or one other than the calling session's.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export function sourceIdentity(requested: string | undefined, inherited: string | undefined): string | undefined {
  if (requested?.toLowerCase().startsWith('aws:')) throw validationError('SourceIdentity cannot start with the reserved prefix aws:')
  if (requested !== undefined && inherited !== undefined && requested !== inherited) {
    throw validationError('SourceIdentity cannot be changed once it is set for a session.')
  }
  return requested ?? inherited
}

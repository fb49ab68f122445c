import { accessDenied } from './errors.js'

/**
 * Whether a request proves multi-factor authentication. Serial number and code come together or not at all; the code itself is taken as it is
 * until the IAM plugin has MFA devices to check it against.
 * @throws AccessDenied when one of the two is missing.
 */
export function mfaAuthenticated(serialNumber: string | undefined, tokenCode: string | undefined): boolean {
  if ((serialNumber === undefined) !== (tokenCode === undefined)) {
    throw accessDenied('MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.')
  }
  return serialNumber !== undefined
}

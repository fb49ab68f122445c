import { AwsError } from '@ministack/gateway'

/** What a SAML 2.0 response says, before any of it is judged. Times are milliseconds since the epoch. */
export interface SamlResponse {
  readonly issuer: string
  readonly issuedAt: number
  readonly subject: string
  readonly subjectFormat: string
  /** `Recipient` of the bearer confirmation: where the response was meant to go. */
  readonly recipient: string
  readonly audiences: readonly string[]
  readonly notBefore: number | undefined
  readonly notOnOrAfter: number | undefined
  readonly sessionNotOnOrAfter: number | undefined
  /** The values of each attribute, by its name. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

type Element = Readonly<Record<string, unknown>>

const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'

function invalidToken(message: string): AwsError {
  return new AwsError('InvalidIdentityTokenException', message)
}

/**
 * Reads a base64 SAML response. Its XML signature isn't checked: there is nothing to check it against until the IAM plugin keeps the metadata of
 * SAML providers.
 * @throws InvalidIdentityToken for anything that isn't a whole, successful response.
 */
export async function readSamlResponse(base64: string): Promise<SamlResponse> {
  const root = child(await parse(base64), 'Response')
  if (!root) throw invalidToken('Your request included an invalid SAML response.')
  if (attribute(child(child(root, 'Status'), 'StatusCode'), 'Value') !== SUCCESS)
    throw invalidToken('The SAML response does not report success.')
  const assertion = child(root, 'Assertion')
  if (!assertion) {
    throw invalidToken(
      child(root, 'EncryptedAssertion')
        ? 'Encrypted SAML assertions need the private key of a SAML provider in IAM.'
        : 'Your request included an invalid SAML response.',
    )
  }
  const nameId = child(child(assertion, 'Subject'), 'NameID')
  const confirmation = child(child(child(assertion, 'Subject'), 'SubjectConfirmation'), 'SubjectConfirmationData')
  const conditions = child(assertion, 'Conditions')
  const issuer = text(child(assertion, 'Issuer'))
  const subject = text(nameId)
  const recipient = attribute(confirmation, 'Recipient')
  const issuedAt = time(attribute(root, 'IssueInstant') ?? attribute(assertion, 'IssueInstant'))
  if (!issuer || !subject || !recipient || issuedAt === undefined) throw invalidToken('Your request included an invalid SAML response.')
  return {
    issuer,
    subject,
    recipient,
    issuedAt,
    subjectFormat: attribute(nameId, 'Format') ?? UNSPECIFIED,
    audiences: children(child(conditions, 'AudienceRestriction'), 'Audience').map(text),
    notBefore: time(attribute(conditions, 'NotBefore')),
    notOnOrAfter: earliest(time(attribute(conditions, 'NotOnOrAfter')), time(attribute(confirmation, 'NotOnOrAfter'))),
    sessionNotOnOrAfter: time(attribute(child(assertion, 'AuthnStatement'), 'SessionNotOnOrAfter')),
    attributes: attributesOf(assertion),
  }
}

async function parse(base64: string): Promise<Element> {
  const compact = base64.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw invalidToken('Invalid base64 SAMLResponse')
  const xml = Buffer.from(compact, 'base64').toString('utf8')
  if (xml.includes('<!DOCTYPE') || xml.includes('<!ENTITY')) throw invalidToken('Your request included an invalid SAML response.')
  // Loaded when the first response comes: it would be a third of the time that STS takes to load.
  const { XMLParser } = await import('fast-xml-parser')
  try {
    return new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      removeNSPrefix: true,
      parseTagValue: false,
      parseAttributeValue: false,
      alwaysCreateTextNode: true,
      trimValues: true,
    }).parse(xml, true) as Element
  } catch {
    throw invalidToken('Your request included an invalid SAML response.')
  }
}

function attributesOf(assertion: Element): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const statement of children(assertion, 'AttributeStatement')) {
    for (const item of children(statement, 'Attribute')) {
      const name = attribute(item, 'Name')
      if (name === undefined) continue
      found.set(name, [...(found.get(name) ?? []), ...children(item, 'AttributeValue').map(text)])
    }
  }
  return found
}

function children(element: Element | undefined, name: string): readonly Element[] {
  const value = element && Object.hasOwn(element, name) ? element[name] : undefined
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return list.filter(item => typeof item === 'object' && item !== null)
}

function child(element: Element | undefined, name: string): Element | undefined {
  return children(element, name)[0]
}

function attribute(element: Element | undefined, name: string): string | undefined {
  const value = element?.[`@${name}`]
  return typeof value === 'string' ? value : undefined
}

function text(element: Element | undefined): string {
  const value = element?.['#text']
  return typeof value === 'string' ? value : ''
}

function time(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}

import {
  dateOf,
  formatBigDecimal,
  formatTimestamp,
  fromEpoch,
  MalformedValue,
  parseBase64,
  parseBigDecimal,
  parseBigInteger,
  parseTimestamp,
  toBase64,
  utf8,
} from './scalars.js'
import type { Member, ScalarShape } from './shapes.js'
import { cannotConvert, checkDocument, TreeCodec, type TreeReader, type TreeWriter } from './tree-codec.js'

const readString: TreeReader = value => {
  if (typeof value === 'string') return value
  throw cannotConvert(value, 'String')
}

const readBoolean: TreeReader = value => {
  if (typeof value === 'boolean') return value
  throw cannotConvert(value, 'Boolean')
}

const readTimestamp: TreeReader = value => {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value === 'string') return parseTimestamp(value)
  throw cannotConvert(value, 'Timestamp')
}

const readBlob: TreeReader = value => {
  if (typeof value === 'string') return parseBase64(value)
  throw cannotConvert(value, 'Blob')
}

function numberReader(type: string): TreeReader {
  return value => {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
    throw cannotConvert(value, type)
  }
}

const readBigInteger: TreeReader = value => {
  if ((typeof value === 'number' && Number.isInteger(value)) || typeof value === 'string') {
    return typeof value === 'number' ? BigInt(value) : parseBigInteger(value)
  }
  throw cannotConvert(value, 'BigInteger')
}

const readBigDecimal: TreeReader = value => {
  if (typeof value === 'number' || typeof value === 'string') return parseBigDecimal(String(value))
  throw cannotConvert(value, 'BigDecimal')
}

const writeNumber: TreeWriter = value =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value === 'bigint' ? Number(value) : value

function scalarReader(shape: ScalarShape): TreeReader {
  switch (shape.type) {
    case 'string':
      return readString
    case 'boolean':
      return readBoolean
    case 'number':
      return numberReader(shape.numberType ?? 'Integer')
    case 'timestamp':
      return readTimestamp
    case 'blob':
      return readBlob
    case 'bigInteger':
      return readBigInteger
    case 'bigDecimal':
      return readBigDecimal
    case 'document':
      return checkDocument
  }
}

function scalarWriter(shape: ScalarShape, member: Member | undefined): TreeWriter | undefined {
  const name = member?.name ?? 'A timestamp'
  switch (shape.type) {
    case 'number':
      return writeNumber
    case 'timestamp': {
      const format = shape.format ?? 'epoch-seconds'
      if (format === 'epoch-seconds') return value => dateOf(value, name).getTime() / 1000
      return value => formatTimestamp(dateOf(value, name), format)
    }
    case 'blob':
      return toBase64
    case 'bigInteger':
      return Number
    case 'bigDecimal':
      return value => Number(formatBigDecimal(value))
    case 'string':
    case 'boolean':
    case 'document':
      return undefined
  }
}

/** A JSON codec; `jsonNames` on REST only, since the RPC protocols ignore `jsonName`. */
export function jsonCodec(jsonNames: boolean): TreeCodec {
  return new TreeCodec({ jsonNames, scalarReader, scalarWriter })
}

/** Parses a JSON document. @throws MalformedValue without a message, as AWS answers it. */
export function parseJson(body: Buffer): unknown {
  const text = utf8(body)
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedValue('')
  }
}

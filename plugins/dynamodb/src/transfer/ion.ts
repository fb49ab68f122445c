import { invalidValues } from '../errors.js'
import { type AttributeValue, type Item, setAttribute } from '../value/attribute-value.js'

/**
 * Items as Amazon Ion text, as exports write and imports read it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */

/** The library, which only exports and imports in this format load. */
export type Ion = typeof import('ion-js')
type Writer = ReturnType<Ion['makeTextWriter']>
type Value = NonNullable<ReturnType<Ion['load']>>

const MARKER = '$ion_1_0 '
/** Lists that are sets say so. */
const SETS = ['SS', 'NS', 'BS'] as const
const SET_PREFIX = '$dynamodb_'

/** Loads the library. */
export function loadIon(): Promise<Ion> {
  return import('ion-js')
}

/**
 * One line of an export.
 * @param parts the line's structs by name; each is written as an item.
 * @param wrapper the field that holds them all; undefined for none.
 */
export function ionLine(ion: Ion, parts: Readonly<Record<string, Item>>, wrapper?: string): string {
  const writer = ion.makeTextWriter()
  writer.stepIn(ion.IonTypes.STRUCT)
  if (wrapper !== undefined) {
    writer.writeFieldName(wrapper)
    writer.stepIn(ion.IonTypes.STRUCT)
  }
  for (const [name, item] of Object.entries(parts)) {
    writer.writeFieldName(name)
    writeStruct(ion, writer, item)
  }
  if (wrapper !== undefined) writer.stepOut()
  writer.stepOut()
  writer.close()
  return `${MARKER}${Buffer.from(writer.getBytes()).toString()}\n`
}

function writeStruct(ion: Ion, writer: Writer, item: Item): void {
  writer.stepIn(ion.IonTypes.STRUCT)
  for (const name in item) {
    writer.writeFieldName(name)
    writeValue(ion, writer, item[name]!)
  }
  writer.stepOut()
}

function writeValue(ion: Ion, writer: Writer, value: AttributeValue): void {
  if (value.S !== undefined) writer.writeString(value.S)
  else if (value.N !== undefined) writer.writeDecimal(ion.Decimal.parse(value.N))
  else if (value.B !== undefined) writer.writeBlob(value.B)
  else if (value.BOOL !== undefined) writer.writeBoolean(value.BOOL)
  else if (value.NULL !== undefined) writer.writeNull(ion.IonTypes.NULL)
  else if (value.M !== undefined) writeStruct(ion, writer, value.M)
  else if (value.L !== undefined) writeList(ion, writer, value.L)
  else {
    const type = SETS.find(set => value[set] !== undefined)!
    writer.setAnnotations([`${SET_PREFIX}${type}`])
    writeList(
      ion,
      writer,
      value[type]!.map(member => ({ [type[0]!]: member }) as unknown as AttributeValue),
    )
  }
}

function writeList(ion: Ion, writer: Writer, values: readonly AttributeValue[]): void {
  writer.stepIn(ion.IonTypes.LIST)
  for (const value of values) writeValue(ion, writer, value)
  writer.stepOut()
}

/** The items of an import, which are the `Item`s of its values. Reading one may fail; text that isn't Ion ends it. */
export function* ionItems(ion: Ion, text: string): Iterable<() => Item> {
  const reader = ion.makeReader(text)
  for (;;) {
    let value: Value | null
    try {
      if (reader.next() === null) return
      value = ion.load(reader)
    } catch {
      yield () => {
        throw invalidValues('Malformed Ion')
      }
      return
    }
    yield () => {
      const item = value?.getType() === ion.IonTypes.STRUCT ? value.get('Item') : null
      if (item?.getType() !== ion.IonTypes.STRUCT) throw invalidValues('Each value must be a struct with an Item')
      return itemOf(ion, item)
    }
  }
}

function itemOf(ion: Ion, struct: Value): Item {
  const item: Record<string, AttributeValue> = {}
  for (const [name, value] of struct.fields()) setAttribute(item, name, attributeOf(ion, value))
  return item
}

function attributeOf(ion: Ion, value: Value): AttributeValue {
  const { IonTypes } = ion
  if (value.isNull()) return { NULL: true }
  switch (value.getType()) {
    case IonTypes.STRING:
    case IonTypes.SYMBOL:
      return { S: value.stringValue()! }
    case IonTypes.INT:
      return { N: String(value.bigIntValue()) }
    case IonTypes.DECIMAL:
      return { N: value.decimalValue()!.toString() }
    case IonTypes.FLOAT:
      return { N: String(value.numberValue()) }
    case IonTypes.BOOL:
      return { BOOL: value.booleanValue()! }
    case IonTypes.BLOB:
    case IonTypes.CLOB:
      return { B: new Uint8Array(value.uInt8ArrayValue()!) }
    case IonTypes.STRUCT:
      return { M: itemOf(ion, value) as Record<string, AttributeValue> }
    case IonTypes.LIST:
      return listOf(ion, value)
    default:
      throw invalidValues(`Unsupported Ion type: ${value.getType().name}`)
  }
}

function listOf(ion: Ion, list: Value): AttributeValue {
  const values = list.elements().map(element => attributeOf(ion, element))
  const type = SETS.find(set => list.getAnnotations().includes(`${SET_PREFIX}${set}`))
  if (!type) return { L: values }
  const kind = type[0] as 'S' | 'N' | 'B'
  const members = values.map(value => value[kind])
  if (members.some(member => member === undefined)) throw invalidValues(`A member of a set is not of its type: ${type}`)
  return { [type]: members } as unknown as AttributeValue
}

import { CborRpcProtocol } from './cbor-rpc.js'
import { JsonRpcProtocol } from './json-rpc.js'
import type { ServerProtocol } from './protocol.js'
import { QueryProtocol } from './query.js'
import { RestJsonProtocol } from './rest-json.js'
import { RestXmlProtocol } from './rest-xml.js'
import type { Model } from './shapes.js'
import type { ProtocolName } from './wire.js'

export { AwsChunkedDecoder, type DecodedBody, decodeBody, inflateBody } from './bodies.js'
export {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumLength,
  checksumOf,
  combineChecksums,
  createChecksum,
  loadChecksum,
} from './checksums.js'
export { chooseProtocol } from './choose.js'
export { decodeFrame, decodeFrames, encodeFrame, type Frame, type FrameHeader } from './frames.js'
export type { Constraints, MemberRef, ModelJson, OperationJson, ShapeJson, Traits, TypeRef } from './model.js'
export type { ServerProtocol } from './protocol.js'
export {
  type ListShape,
  type MapShape,
  type Member,
  Model,
  type OperationModel,
  type ScalarShape,
  type Shape,
  type StructShape,
} from './shapes.js'
export { regExpOf, validate } from './validate.js'
export type { ProtocolName, RequestHead, WireRequest, WireResponse } from './wire.js'
export { parseXml, type XmlElement } from './xml-parser.js'

const made = new WeakMap<Model, Map<ProtocolName, ServerProtocol>>()

/** The server's side of a protocol for a model, made once for each model. */
export function protocolOf(model: Model, name: ProtocolName): ServerProtocol {
  let protocols = made.get(model)
  if (protocols === undefined) {
    protocols = new Map()
    made.set(model, protocols)
  }
  let protocol = protocols.get(name)
  if (protocol === undefined) {
    protocol = make(model, name)
    protocols.set(name, protocol)
  }
  return protocol
}

function make(model: Model, name: ProtocolName): ServerProtocol {
  switch (name) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return new JsonRpcProtocol(model, name)
    case 'awsQuery':
    case 'ec2Query':
      return new QueryProtocol(model, name)
    case 'restJson1':
      return new RestJsonProtocol(model)
    case 'restXml':
      return new RestXmlProtocol(model)
    case 'rpcv2Cbor':
      return new CborRpcProtocol(model)
  }
}

import { PassThrough, type Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { invalidArgument, s3Error } from './errors.js'

/** The most bytes of fields before the file. */
const MAX_FIELD_BYTES = 20 * 1024

/** Listens for a stream's errors while nobody reads it, without which they would end the process; who reads it is told of them too. */
export function unheard(): void {}

/** A browser's form, up to its file. */
export interface PostForm {
  /** The fields before the file, by their names in lower case. */
  readonly fields: ReadonlyMap<string, string>
  readonly fileName: string
  /** The type of the file's own part. */
  readonly file: Readable
}

/**
 * Reads a form up to its file, whose bytes then come as a stream. What comes after the file doesn't count.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
 *
 * @throws PreconditionFailed for another type of body, MalformedPOSTRequest, MaxPostPreDataLengthExceededError, InvalidArgument without a file.
 */
export function readPostForm(contentType: string | undefined, body: Readable): Promise<PostForm> {
  const parser = parserOf(contentType)
  const fields = new Map<string, string>()
  let fieldBytes = 0
  return new Promise((resolve, reject) => {
    let file: PassThrough | undefined
    const fail = (error: Error) => {
      body.unpipe(parser)
      if (file) file.destroy(error)
      reject(error)
      // The rest of the body is read and thrown away, so that the client gets to see the answer.
      body.resume()
    }
    parser.on('field', (name = '', value) => {
      fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value)
      if (fieldBytes > MAX_FIELD_BYTES) fail(s3Error('MaxPostPreDataLengthExceededError'))
      if (!file) fields.set(name.toLowerCase(), value)
    })
    parser.on('file', (name = '', stream, fileName) => {
      if (file || name.toLowerCase() !== 'file') {
        stream.on('error', unheard).resume()
        return
      }
      file = new PassThrough().on('error', unheard)
      stream.on('error', fail).pipe(file)
      resolve({ fields, fileName: fileName ?? '', file })
    })
    parser.once('finish', () => {
      if (!file) reject(invalidArgument('POST requires exactly one file upload per request.', 'file', '0'))
    })
    parser.on('error', () => fail(s3Error('MalformedPOSTRequest')))
    body.on('error', fail)
    body.pipe(parser)
  })
}

function parserOf(contentType: string | undefined): BusboyInstance {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) {
    throw s3Error('PreconditionFailed', { fields: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' } })
  }
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // Its content may be text, which has no file's name.
      isPartAFile: (name, _type, fileName) => fileName !== undefined || name?.toLowerCase() === 'file',
      limits: { fieldSize: MAX_FIELD_BYTES + 1, fileSize: Number.POSITIVE_INFINITY },
    })
  } catch {
    throw s3Error('MalformedPOSTRequest')
  }
}

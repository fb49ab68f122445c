import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

/**
 * A client in a process of its own: `endpoint bucket key writers first` lets so many writers, numbered from `first`, put the key at once, some
 * times each, with two readers beside them. Prints how many reads it made, and ends with 1 when one of them was a mix.
 */
const [endpoint = '', Bucket = '', Key = '', writers = '', first = ''] = process.argv.slice(2)
const ROUNDS = 3
const client = new S3Client({
  endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})
let writing = true
let reads = 0

/** The writer's number in each byte, and a size of its own on both sides of what is kept in memory. */
const bodyOf = (writer: number) => Buffer.alloc(20_000 + writer * 3000, writer)

async function write(writer: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await client.send(new PutObjectCommand({ Bucket, Key, Body: bodyOf(writer) }))
}

async function read(): Promise<void> {
  while (writing) {
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key }))
    const bytes = Buffer.from(await Body!.transformToByteArray())
    if (ContentLength !== bytes.length || !bytes.equals(bodyOf(bytes[0]!))) throw new Error(`a mix of ${new Set(bytes).size} writers`)
    reads++
  }
}

const numbers = Array.from({ length: Number(writers) }, (_, i) => Number(first) + i)
await write(numbers[0]!)
const reading = Promise.all(numbers.slice(0, 2).map(read))
await Promise.all([
  Promise.all(numbers.map(write)).finally(() => {
    writing = false
  }),
  reading,
])
client.destroy()
console.log(reads)

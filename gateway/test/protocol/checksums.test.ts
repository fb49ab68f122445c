import fc from 'fast-check'
import t from 'tap'
import { CHECKSUM_ALGORITHMS, checksumLength, checksumOf, combineChecksums, createChecksum } from '../../src/protocol/index.js'

t.test('sums of the check text 123456789', async t => {
  const hex = (algorithm: Parameters<typeof checksumOf>[0]): string =>
    Buffer.from(checksumOf(algorithm, Buffer.from('123456789')), 'base64').toString('hex')
  t.equal(hex('CRC32'), 'cbf43926')
  t.equal(hex('CRC32C'), 'e3069283')
  t.equal(hex('CRC64NVME'), 'ae8b14860a799888')
  t.equal(hex('SHA1'), 'f7c3bc1d808e04732adf679965ccc34ca7ae3441')
  t.equal(hex('SHA256'), '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225')
  t.equal(hex('MD5'), '25f9e794323b453885f5181f1b624d0b')
  for (const algorithm of CHECKSUM_ALGORITHMS) t.equal(hex(algorithm).length, checksumLength(algorithm) * 2, algorithm)
})

t.test('parts give the same sum as the whole', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA256'] as const) {
        const sum = createChecksum(algorithm)
        sum.update(bytes.subarray(0, at))
        sum.update(bytes.subarray(at))
        if (sum.digestBase64() !== checksumOf(algorithm, bytes)) t.fail(`${algorithm} of ${bytes.length} bytes cut at ${at}`)
      }
    }),
    { seed: 7, numRuns: 200 },
  )
})

t.test("a whole object's CRC is made of its parts'", async t => {
  const parts = ['hello ', '', 'multipart '.repeat(1000), 'world'].map(text => Buffer.from(text))
  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
    const sums = parts.map(part => ({ checksum: checksumOf(algorithm, part), size: part.length }))
    t.equal(combineChecksums(algorithm, sums), checksumOf(algorithm, Buffer.concat(parts)), algorithm)
  }
  t.throws(() => combineChecksums('CRC32', []), RangeError)
})

t.test('long bytes have the same sum however they are cut, about the lengths where CRC64NVME changes its way too', async t => {
  const bytes = Uint8Array.from({ length: 3 * 65_536 + 5 }, (_, i) => (i * i) >> 3)
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    for (const length of [511, 512, 519, 65_535, 65_536, 65_543, bytes.length]) {
      const whole = bytes.subarray(0, length)
      const parts = createChecksum(algorithm)
      for (let at = 0; at < length; at += 301) parts.update(whole.subarray(at, Math.min(at + 301, length)))
      t.equal(checksumOf(algorithm, whole), parts.digestBase64(), `${algorithm} of ${length}`)
    }
  }
})

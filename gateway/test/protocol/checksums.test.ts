import fc from 'fast-check'
import t from 'tap'
import {
  CHECKSUM_ALGORITHMS,
  checksumLength,
  checksumOf,
  combineChecksums,
  createChecksum,
  loadChecksum,
} from '../../src/protocol/index.js'

t.before(async () => {
  for (const algorithm of CHECKSUM_ALGORITHMS) await loadChecksum(algorithm)
})

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
      for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA256', 'XXHASH64', 'XXHASH128'] as const) {
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

/** The generator of xxHash's own self-test, and its values for seed 0: https://github.com/Cyan4973/xxHash/blob/dev/cli/xsum_sanity_check.c */
function sanityBuffer(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 2654435761n
  for (let at = 0; at < length; at++) {
    bytes[at] = Number(state >> 56n)
    state = BigInt.asUintN(64, state * 11400714785074694797n)
  }
  return bytes
}

t.test('xxHash has the published values, most significant byte first', async t => {
  const hex = (algorithm: 'XXHASH64' | 'XXHASH3' | 'XXHASH128', bytes: Uint8Array) =>
    Buffer.from(checksumOf(algorithm, bytes), 'base64').toString('hex')
  const data = sanityBuffer(2367)
  const vectors = [
    ['XXHASH64', 0, 'ef46db3751d8e999'],
    ['XXHASH64', 1, 'e934a84adb052768'],
    ['XXHASH64', 4, '9136a0dca57457ee'],
    ['XXHASH64', 14, '8282dcc4994e35c8'],
    ['XXHASH64', 222, 'b641ae8cb691c174'],
    ['XXHASH3', 0, '2d06800538d394c2'],
    ['XXHASH3', 1, 'c44bdff4074eecdb'],
    ['XXHASH3', 6, '27b56a84cd2d7325'],
    ['XXHASH3', 12, 'a713daf0dfbb77e7'],
    ['XXHASH3', 24, 'a3fe70bf9d3510eb'],
    ['XXHASH3', 48, '397da259ecba1f11'],
    ['XXHASH3', 80, 'bcdefbbb2c47c90a'],
    ['XXHASH3', 195, 'cd94217ee362ec3a'],
    ['XXHASH3', 403, 'cdeb804d65c6dea4'],
    ['XXHASH3', 512, '617e49599013cb6b'],
    ['XXHASH3', 2048, 'dd59e2c3a5f038e0'],
    ['XXHASH3', 2367, 'cb37aeb9e5d361ed'],
    ['XXHASH128', 0, '99aa06d3014798d86001c324468d497f'],
    ['XXHASH128', 1, 'a6cd5e9392000f6ac44bdff4074eecdb'],
    ['XXHASH128', 6, '082afe0b8162d12a3e7039bdda43cfc6'],
    ['XXHASH128', 12, '6e3efd8fc7802b18061a192713f69ad9'],
    ['XXHASH128', 24, '0ce966e4678d37611e7044d28b1b901d'],
  ] as const
  for (const [algorithm, length, value] of vectors) {
    t.equal(hex(algorithm, data.subarray(0, length)), value, `${algorithm} of ${length}`)
  }
})

t.test('sums of xxHash that run side by side don’t meet', async t => {
  const [one, other] = [createChecksum('XXHASH3'), createChecksum('XXHASH3')]
  for (let at = 0; at < 600; at += 100) {
    one.update(Buffer.alloc(100, 1))
    other.update(Buffer.alloc(100, 2))
  }
  t.equal(one.digestBase64(), checksumOf('XXHASH3', Buffer.alloc(600, 1)))
  t.equal(other.digestBase64(), checksumOf('XXHASH3', Buffer.alloc(600, 2)))
})

/**
 * Silence in Opus, in the pages of an Ogg stream that goes on.
 */

const polynomial = 0x04c11db7

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 0x8000_0000) === 0 ? value << 1 : (value << 1) ^ polynomial
  }
  return value >>> 0
})

const checksum = (bytes: Buffer): number => {
  let sum = 0
  for (const byte of bytes) {
    sum = ((sum << 8) ^ (table[(sum >>> 24) ^ byte] ?? 0)) >>> 0
  }
  return sum
}

/** 20 ms of silence: CELT, fullband, mono. */
const silence = Buffer.of(0xf8, 0xff, 0xfe)
/** At the 48 kHz that positions are counted in. */
const samplesOfPacket = 960
const mostOfPage = 50
const serial = 1

const head = (sampleRate: number): Buffer => {
  const packet = Buffer.alloc(19)
  packet.write("OpusHead", 0, "latin1")
  packet.writeUInt8(1, 8)
  packet.writeUInt8(1, 9)
  packet.writeUInt32LE(sampleRate, 12)
  return packet
}

const tags = (): Buffer => {
  const vendor = "simulator"
  const packet = Buffer.alloc(8 + 4 + vendor.length + 4)
  packet.write("OpusTags", 0, "latin1")
  packet.writeUInt32LE(vendor.length, 8)
  packet.write(vendor, 12, "latin1")
  return packet
}

/** @internal */
export class OpusStream {
  private pages = 0
  private position = 0

  constructor(private readonly sampleRate: number) {}

  /** So many packets of 20 ms; the head of the stream comes before the first. */
  next(packets: number): Buffer {
    const parts = this.pages === 0 ? [this.page([head(this.sampleRate)]), this.page([tags()])] : []
    for (let left = packets; left > 0; left -= mostOfPage) {
      const count = Math.min(left, mostOfPage)
      this.position += count * samplesOfPacket
      parts.push(this.page(Array.from({ length: count }, () => silence)))
    }
    return Buffer.concat(parts)
  }

  private page(packets: ReadonlyArray<Buffer>): Buffer {
    const start = Buffer.alloc(27)
    start.write("OggS", 0, "latin1")
    start.writeUInt8(this.pages === 0 ? 2 : 0, 5)
    start.writeBigUInt64LE(BigInt(this.position), 6)
    start.writeUInt32LE(serial, 14)
    start.writeUInt32LE(this.pages++, 18)
    start.writeUInt8(packets.length, 26)
    const page = Buffer.concat([start, Uint8Array.from(packets, ({ length }) => length), ...packets])
    page.writeUInt32LE(checksum(page), 22)
    return page
  }
}

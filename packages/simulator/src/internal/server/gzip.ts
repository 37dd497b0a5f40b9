import { constants, crc32, deflateRawSync, gzipSync } from "node:zlib"

/** @internal */
export const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes)

const head = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
/** An empty last block of deflate. */
const lastBlock = Uint8Array.of(0x03, 0x00)

/**
 * A gzip stream made piece by piece, without a worker thread: each piece is compressed by itself and flushed to a byte
 * border, so that a reader can have it at once. Together they are one member, since not every client reads several.
 *
 * @internal
 */
export class GzipWriter {
  private sum = 0
  private size = 0
  private started = false

  write(bytes: Uint8Array): Uint8Array {
    this.sum = crc32(bytes, this.sum)
    this.size = (this.size + bytes.length) >>> 0
    const deflated = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    return this.withHead(deflated)
  }

  end(): Uint8Array {
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(this.sum >>> 0, 0)
    tail.writeUInt32LE(this.size, 4)
    return this.withHead(Buffer.concat([lastBlock, tail]))
  }

  private withHead(bytes: Uint8Array): Uint8Array {
    if (this.started) {
      return bytes
    }
    this.started = true
    return Buffer.concat([head, bytes])
  }
}

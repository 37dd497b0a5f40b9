/**
 * Pictures that any viewer takes: PNGs of two colours that depend on the text.
 */
import { crc32, deflateSync } from "node:zlib"
import { fnv } from "./hash.js"

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const bytes = Buffer.alloc(body.length + 8)
  bytes.writeUInt32BE(data.length, 0)
  bytes.set(body, 4)
  bytes.writeUInt32BE(crc32(body), body.length + 4)
  return bytes
}

/**
 * Stripes of two colours, one bit for a pixel.
 *
 * @internal
 */
export const pngOf = (text: string, width: number, height: number): Buffer => {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // One bit, indexed colours.
  head[8] = 1
  head[9] = 3
  const seed = fnv(text)
  const row = 1 + Math.ceil(width / 8)
  const rows = Buffer.alloc(row * height)
  for (let y = 0; y < height; y++) {
    rows.fill((y >> 4) % 2 === 0 ? 0xf0 : 0x0f, y * row + 1, (y + 1) * row)
  }
  const palette = Uint8Array.of(seed & 255, (seed >> 8) & 255, (seed >> 16) & 255, 255, 255, 255)
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("PLTE", palette),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array())
  ])
}

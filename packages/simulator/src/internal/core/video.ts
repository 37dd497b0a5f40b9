/**
 * Videos that players take: MP4 files whose pictures, one in a second, are PNGs.
 */
import { pngOf } from "./image.js"

const u16 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2))
  return bytes
}

const u32 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4))
  return bytes
}

const ascii = (text: string): Buffer => Buffer.from(text, "latin1")

const box = (type: string, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length + 8), ascii(type), body])
}

/** A box with a version, which is 0, and flags. */
const fullBox = (type: string, flags: number, ...parts: ReadonlyArray<Uint8Array>): Buffer =>
  box(type, u32(flags), ...parts)

const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
const timescale = 1000

/** What a picture is coded by: PNG, in the numbers of MPEG-4. */
const decoderConfig = (() => {
  const config = Buffer.concat([Uint8Array.of(0x04, 13, 0x6d, 0x11, 0, 0, 0), u32(0, 0)])
  const sync = Uint8Array.of(0x06, 1, 2)
  const body = Buffer.concat([u16(1), Uint8Array.of(0), config, sync])
  return Buffer.concat([Uint8Array.of(0x03, body.length), body])
})()

const sampleEntry = (width: number, height: number): Buffer =>
  box(
    "mp4v",
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    fullBox("esds", 0, decoderConfig)
  )

const sampleTable = (sizes: ReadonlyArray<number>, offset: number, width: number, height: number): Buffer =>
  box(
    "stbl",
    fullBox("stsd", 0, u32(1), sampleEntry(width, height)),
    fullBox("stts", 0, u32(1, sizes.length, timescale)),
    fullBox("stsc", 0, u32(1, 1, sizes.length, 1)),
    fullBox("stsz", 0, u32(0, sizes.length, ...sizes)),
    fullBox("stco", 0, u32(1, offset))
  )

const movie = (sizes: ReadonlyArray<number>, offset: number, width: number, height: number): Buffer => {
  const length = sizes.length * timescale
  return box(
    "moov",
    fullBox(
      "mvhd",
      0,
      u32(0, 0, timescale, length, 0x10000),
      u16(0x100),
      Buffer.alloc(10),
      matrix,
      u32(0, 0, 0, 0, 0, 0, 2)
    ),
    box(
      "trak",
      fullBox("tkhd", 3, u32(0, 0, 1, 0, length, 0, 0), u16(0, 0, 0, 0), matrix, u32(width * 65_536, height * 65_536)),
      box(
        "mdia",
        fullBox("mdhd", 0, u32(0, 0, timescale, length), u16(0x55c4, 0)),
        fullBox("hdlr", 0, u32(0), ascii("vide"), u32(0, 0, 0), ascii("video\0")),
        box(
          "minf",
          fullBox("vmhd", 1, u16(0, 0, 0, 0)),
          box("dinf", fullBox("dref", 0, u32(1), fullBox("url ", 1))),
          sampleTable(sizes, offset, width, height)
        )
      )
    )
  )
}

/**
 * As many seconds of pictures of two colours that depend on the text.
 *
 * @internal
 */
export const mp4Of = (text: string, width: number, height: number, seconds: number): Buffer => {
  const pictures = Array.from(
    { length: Math.max(1, Math.ceil(seconds)) },
    (_, i) => pngOf(`${text}/${i}`, width, height)
  )
  const head = box("ftyp", ascii("isom"), u32(0x200), ascii("isomiso2mp41"))
  const data = box("mdat", ...pictures)
  const offset = head.length + 8
  return Buffer.concat([head, data, movie(pictures.map(({ length }) => length), offset, width, height)])
}

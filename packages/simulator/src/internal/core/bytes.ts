/**
 * Bytes that are made when they are needed: any part of as many as one likes.
 */
import { generator } from "./hash.js"

const blockSize = 65_536

const templates = new Map<number, Uint8Array>()

const templateOf = (version: number): Uint8Array => {
  const before = templates.get(version)
  if (before !== undefined) {
    return before
  }
  const random = generator(version)
  const made = Uint8Array.from({ length: blockSize }, () => Math.floor(256 * random()))
  templates.set(version, made)
  return made
}

const blockOf = (index: number, version: number): Uint8Array => {
  const block = Buffer.from(templateOf(version))
  block.writeUInt32LE(index, 0)
  return block
}

/**
 * The bytes from one position up to another; another version has other ones.
 *
 * @internal
 */
export function* generatedBytes(from: number, to: number, version: number): Generator<Uint8Array> {
  for (let at = from; at < to;) {
    const index = Math.floor(at / blockSize)
    const start = index * blockSize
    const end = Math.min(to, start + blockSize)
    yield blockOf(index, version).subarray(at - start, end - start)
    at = end
  }
}

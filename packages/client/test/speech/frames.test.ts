import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { joined } from "../../src/internal/operation/audio.js"
import { FrameCutter, type FrameSizes, sizesOf } from "../../src/internal/speech/frames.js"

/** All frames of pieces; `null` stands for a pause, in which what is whole is flushed. */
const cut = (sizes: FrameSizes, pieces: ReadonlyArray<Uint8Array | null>) => {
  const cutter = new FrameCutter(sizes)
  const frames: Array<Uint8Array> = []
  /** Those that are as short as they are because something ended. */
  const flushed: Array<Uint8Array> = []
  const keep = (to: Array<Uint8Array>, frame: Uint8Array | undefined) => {
    if (frame === undefined) return false
    to.push(frame)
    if (to === flushed) frames.push(frame)
    return true
  }
  for (const piece of pieces) {
    if (piece === null) {
      keep(flushed, cutter.flush(true))
      continue
    }
    cutter.push(piece)
    while (keep(frames, cutter.next()));
  }
  keep(flushed, cutter.flush())
  return { frames, flushed }
}

const numbered = (lengths: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  let n = 0
  return lengths.map((length) => Uint8Array.from({ length }, () => n++ % 251))
}

const formats = [["pcm", 8000], ["pcm", 16_000], ["wav", 44_100], ["pcm", 96_000], ["opus", 48_000]] as const

const lengths = FastCheck.array(
  FastCheck.oneof(FastCheck.nat(3), FastCheck.nat(2000), FastCheck.integer({ min: 2000, max: 40_000 })),
  { maxLength: 12 }
)

describe("frames", () => {
  it.prop(
    "are all bytes in order, within the bounds of the service, of whole samples, however the audio is cut",
    [FastCheck.constantFrom(...formats), lengths, FastCheck.array(FastCheck.nat(12), { maxLength: 3 })],
    ([[format, sampleRate], lengths, pauses]) => {
      const sizes = sizesOf(format, sampleRate)
      const pieces: Array<Uint8Array | null> = [...numbered(lengths)]
      for (const at of pauses) pieces.splice(at, 0, null)
      const { flushed, frames } = cut(sizes, pieces)
      assert.deepStrictEqual(joined(frames), joined(pieces.filter((piece) => piece !== null)))
      for (const frame of frames) {
        assert.isAtMost(frame.length, 16 * 1024)
        if (flushed.includes(frame)) continue
        assert.isAtLeast(frame.length, 1024)
        assert.isAtLeast(frame.length, sizes.least - 1)
        assert.isAtMost(frame.length, sizes.most)
        assert.strictEqual(frame.length % sizes.block, 0)
      }
      for (const frame of flushed.slice(0, -1)) assert.strictEqual(frame.length % sizes.block, 0)
    },
    { fastCheck: { numRuns: 60 } }
  )

  it("are about 100 milliseconds of samples", () => {
    assert.deepStrictEqual(sizesOf("pcm", 16_000), { least: 2400, usual: 3200, most: 4800, block: 2 })
    for (const sampleRate of [8000, 16_000, 22_050, 24_000, 44_100, 48_000]) {
      const { least, most, usual } = sizesOf("wav", sampleRate)
      assert.approximately(usual / (2 * sampleRate), 0.1, 0.001)
      assert.isAtLeast(least / (2 * sampleRate), 0.06)
      assert.isAtMost(most / (2 * sampleRate), 0.151)
    }
  })

  it("are slices where they can be, and copies only of what is too small", () => {
    const [large, fit, small, more] = numbered([7000, 3000, 1000, 1000, 1000])
    const sizes = sizesOf("pcm", 16_000)
    const slices = cut(sizes, [large!]).frames
    assert.deepStrictEqual(slices.map(({ length }) => length), [3200, 3800])
    assert.isTrue(slices.every(({ buffer }) => buffer === large!.buffer))
    assert.strictEqual(cut(sizes, [fit!]).frames[0], fit)
    const { frames } = cut(sizes, [small!, more!, large!])
    assert.deepStrictEqual(frames.map(({ length }) => length), [3200, 3200, 2600])
    assert.deepStrictEqual(frames.map(({ buffer }) => buffer === large!.buffer), [false, true, true])
  })
})

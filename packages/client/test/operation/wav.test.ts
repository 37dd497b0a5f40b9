import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { joined } from "../../src/internal/operation/audio.js"
import * as Wav from "../../src/internal/operation/wav.js"

const cut = (bytes: Uint8Array, offsets: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const at = [0, ...[...offsets].sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

const read = (pieces: ReadonlyArray<Uint8Array>) => {
  const samples = new Wav.Samples(Wav.usual)
  const found = pieces.map((piece) => samples.of(piece))
  return { samples: joined([...found, samples.end()]), format: samples.format }
}

const format: Wav.Format = { code: 3, channels: 2, sampleRate: 48_000, bits: 32 }

const bytes = FastCheck.uint8Array({ maxLength: 300 })
const offsets = FastCheck.array(FastCheck.nat(400), { maxLength: 8 })

/** A head with another chunk in it, and no length. */
const longHead = (): Uint8Array => {
  const head = Wav.head(0xffff_ffff, format)
  const list = Uint8Array.of(76, 73, 83, 84, 3, 0, 0, 0, 1, 2, 3, 0)
  return joined([head.subarray(0, 36), list, head.subarray(36)])
}

describe("samples", () => {
  it.prop("stay as they are without a head, however they are cut", [bytes, offsets], ([bytes, offsets]) => {
    FastCheck.pre(bytes[0] !== 82)
    assert.deepStrictEqual(read(cut(bytes, offsets)), { samples: bytes, format: Wav.usual })
  })

  it.prop("lose the head before them, and are what it says", [bytes, offsets], ([bytes, offsets]) => {
    for (const head of [Wav.head(0, format), Wav.head(0xffff_ffff, format), longHead()]) {
      assert.deepStrictEqual(read(cut(joined([head, bytes]), offsets)), { samples: bytes, format })
    }
  })

  it("are kept where a head begins and does not go on", () => {
    for (const text of ["R", "RIF", "RIFF", "RIFFxxxxWAVE", "RIFFxxxxAVI ", "RIFX"]) {
      const bytes = new TextEncoder().encode(text)
      assert.deepStrictEqual(read([bytes]).samples, bytes, text)
    }
    const endless = joined([Wav.head(0, format).subarray(0, 36), new Uint8Array(70_000).fill(1)])
    assert.deepStrictEqual(read(cut(endless, [10, 40, 50_000])).samples, endless)
  })

  it("are as long as their format says", () => {
    assert.strictEqual(Wav.secondsOf(48_000, Wav.usual), 1)
    assert.strictEqual(Wav.secondsOf(384_000, format), 1)
  })
})

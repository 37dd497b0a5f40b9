import { assert, describe, it } from "@effect/vitest"
import { joined } from "../../src/internal/operation/audio.js"
import * as Wav from "../../src/internal/operation/wav.js"
import { SilenceMaker } from "../../src/internal/speech/silence.js"

const stereo: Wav.Format = { code: 1, channels: 2, sampleRate: 44_100, bits: 16 }

const after = (format: string, ...pieces: ReadonlyArray<Uint8Array>) => {
  const silence = new SilenceMaker(format, 16_000)
  for (const piece of pieces) silence.passed(piece)
  return silence.silence()
}

const open = 0xffff_ffff

describe("silence", () => {
  it("of samples is a tenth of a second of zeros", () => {
    assert.deepStrictEqual(after("pcm"), new Uint8Array(3200))
    assert.deepStrictEqual(after("pcm", Uint8Array.of(1, 2, 3)), new Uint8Array(3200))
  })

  it("of a WAV file is what its head says, however that is cut", () => {
    const file = joined([Wav.head(open, stereo), new Uint8Array(100)])
    for (const at of [0, 1, 11, 43, 44, 144]) {
      assert.deepStrictEqual(after("wav", file.subarray(0, at), file.subarray(at)), new Uint8Array(4410 * 4))
    }
    const bytes = after("wav", Wav.head(0, { ...stereo, bits: 8, channels: 1, sampleRate: 8000 }))
    assert.deepStrictEqual(bytes, new Uint8Array(800).fill(0x80))
  })

  it("is none where it cannot be put in, and says why", () => {
    assert.include(after("wav", Wav.head(1000, stereo)), "says how long it is")
    assert.include(after("wav", Wav.head(open, stereo).subarray(0, 30)), "has not come")
    assert.include(after("wav"), "has not come")
    assert.include(after("wav", new Uint8Array(20)), "does not begin with the head")
    assert.include(after("wav", Wav.head(open, { ...stereo, code: 7 })), "not PCM")
    assert.include(after("mp3", new Uint8Array(20)), "mp3")
  })
})

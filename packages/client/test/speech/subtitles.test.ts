import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Subtitles from "../../src/internal/speech/subtitles.js"

const word = FastCheck.record({
  beginTime: FastCheck.option(FastCheck.nat(4_000_000)),
  endTime: FastCheck.option(FastCheck.nat(4_000_000)),
  text: FastCheck.option(FastCheck.string({ maxLength: 12 })),
  punctuation: FastCheck.constantFrom("", "。", ", ", null, undefined)
})

const sentence = FastCheck.record({
  beginTime: FastCheck.option(FastCheck.nat(40_000_000)),
  endTime: FastCheck.option(FastCheck.nat(40_000_000)),
  text: FastCheck.option(FastCheck.oneof(
    FastCheck.string({ maxLength: 40 }),
    FastCheck.constantFrom("a\n\nb", "00:00 --> 1", "1\n2", " ", "你好。\r\n再见。")
  )),
  speakerId: FastCheck.option(FastCheck.nat(3)),
  words: FastCheck.option(FastCheck.array(word, { maxLength: 6 }))
})

/** With words that make its text. */
const spoken = FastCheck.array(
  FastCheck.record({
    text: FastCheck.stringMatching(/^[a-z]{1,9} $/),
    millis: FastCheck.integer({ min: 1, max: 900 })
  }),
  { minLength: 1, maxLength: 30 }
).map((words) => {
  let at = 500
  const timed = words.map(({ millis, text }) => {
    const beginTime = at
    at += millis
    return { beginTime, endTime: at, text, punctuation: "" }
  })
  return { beginTime: 500, endTime: at, text: words.map(({ text }) => text).join("").trim(), words: timed }
})

const channels = FastCheck.array(
  FastCheck.record({
    text: FastCheck.option(FastCheck.string()),
    sentences: FastCheck.option(FastCheck.array(sentence))
  }),
  { maxLength: 3 }
)

const millisOf = (time: string): number => {
  const [, hours, minutes, seconds, millis] = /^(\d\d+):([0-5]\d):([0-5]\d),(\d{3})$/.exec(time) ?? []
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(millis)
}

/** As a player reads it. */
const parse = (srt: string) =>
  srt.split(/\n\n/).filter((block) => block !== "").map((block) => {
    const [number, times = "", ...text] = block.replace(/\n$/, "").split("\n")
    const [begin = "", end = ""] = times.split(" --> ")
    return { number: Number(number), begin: millisOf(begin), end: millisOf(end), text }
  })

const line = (text: string | null) => (text ?? "").replace(/\s+/g, " ").trim()

describe("subtitles", () => {
  it.prop("are numbered, in the order of time, each of one line, and none is lost", [channels], ([channels]) => {
    const blocks = parse(Subtitles.toSrt(Subtitles.cuesOf(channels), false))
    for (const [i, { begin, end, number, text }] of blocks.entries()) {
      assert.strictEqual(number, i + 1)
      assert.isAtLeast(end, begin)
      assert.isAtLeast(begin, blocks[i - 1]?.begin ?? 0)
      assert.lengthOf(text, 1)
    }
    const said = channels.flatMap(({ sentences }) => (sentences ?? []).map(({ text }) => line(text)))
      .filter((text) => text !== "").map((text) => text.replaceAll("-->", "→"))
    assert.sameMembers(blocks.map(({ text }) => text[0]), said)
  })

  it.prop(
    "are cut between words, within the time and the length of each, with nothing lost",
    [spoken, FastCheck.integer({ min: 1, max: 60 })],
    ([sentence, maxCharacters]) => {
      const cues = Subtitles.cuesOf([{ sentences: [sentence] }], maxCharacters)
      assert.strictEqual(cues.map(({ text }) => text).join(" "), sentence.text)
      for (const [i, { begin, end, text }] of cues.entries()) {
        if (text.includes(" ")) assert.isAtMost(text.length, maxCharacters)
        assert.isAtLeast(begin, cues[i - 1]?.end ?? 500)
        assert.isAtLeast(end, begin)
      }
      assert.strictEqual(cues[0]?.begin, 500)
      assert.strictEqual(cues.at(-1)?.end, sentence.endTime)
    }
  )

  it("have the form of SubRip", () => {
    const cues = Subtitles.cuesOf([{
      sentences: [
        { beginTime: 3_723_004, endTime: 3_725_000, text: "It ends here.", speakerId: 1 },
        { beginTime: 100, endTime: 3820, text: "Hello world.", speakerId: 0 }
      ]
    }])
    assert.strictEqual(
      Subtitles.toSrt(cues, true),
      "1\n00:00:00,100 --> 00:00:03,820\n[0] Hello world.\n\n2\n01:02:03,004 --> 01:02:05,000\n[1] It ends here.\n"
    )
    assert.strictEqual(Subtitles.toSrt([], false), "")
  })
})

describe("plain text", () => {
  const sentences = [
    { beginTime: 0, endTime: 1, text: "你好。", speakerId: 0 },
    { beginTime: 1, endTime: 2, text: "再见。", speakerId: 0 },
    { beginTime: 2, endTime: 3, text: "Bye.", speakerId: 1 },
    { beginTime: 3, endTime: 4, text: "Bye bye.", speakerId: 1 }
  ]

  it("is that of each channel, or of its sentences", () => {
    assert.strictEqual(Subtitles.toText([{ text: "One." }, { sentences }], false), "One.\n你好。再见。Bye. Bye bye.")
    assert.strictEqual(Subtitles.toText([{ text: "" }, {}], false), "")
  })

  it("names speakers by their turns, where they were told apart", () => {
    assert.strictEqual(Subtitles.toText([{ text: "x", sentences }], true), "[0] 你好。再见。\n[1] Bye. Bye bye.")
    assert.strictEqual(Subtitles.toText([{ text: "x", sentences: [{ text: "Hello." }] }], true), "x")
  })

  it.prop("holds what every sentence says", [channels], ([channels]) => {
    const text = Subtitles.toText(channels.map(({ sentences }) => ({ sentences })), true)
    for (const { sentences } of channels) {
      for (const { text: said } of sentences ?? []) assert.include(text, line(said))
    }
  })
})

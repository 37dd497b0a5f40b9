import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { pngOf } from "../../src/internal/core/image.js"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/aigc/multimodal-generation/generation"
const image = { image: "https://example.com/dog_and_girl.jpeg" }

const body = (content: unknown, parameters: object = {}, model = "qwen-vl-max"): Ask => ({
  path,
  body: { model, input: { messages: [{ role: "user", content }] }, parameters }
})

const contentOf = (answer: unknown): unknown => at(answer, "output", "choices", 0, "message", "content")
const textOf = (content: unknown): string => {
  const text = at(content, 0, "text")
  return typeof text === "string" ? text : ""
}

const eventsOf = (origin: string, what: Ask) =>
  Effect.map(
    ask(origin, { ...what, stream: true }),
    ({ text }) => dataOf(text).map((data) => JSON.parse(data) as unknown)
  )

const png = (width: number, height: number) => `data:image/png;base64,${pngOf("x", width, height).toString("base64")}`

describe("multimodal conversation", () => {
  it.scopedLive("answers about images, videos and audio, in parts", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body([image, { text: "what is it?" }]))
      assert.match(textOf(contentOf(answer)), /^I was given the image dog_and_girl\.jpeg\. You said: "what is it\?"/)
      const usage = at(answer, "usage")
      const images = Number(at(usage, "image_tokens"))
      assert.isAbove(images, 0)
      assert.strictEqual(at(usage, "input_tokens"), images + Number(at(usage, "input_tokens_details", "text_tokens")))
      const frames = Array.from({ length: 4 }, (_, i) => `https://example.com/${i}.jpg`)
      const video = yield* answered(origin, body([{ video: frames, fps: 2 }, { text: "描述这个视频" }]))
      assert.match(textOf(contentOf(video)), /视频 0\.jpg（4 帧）/)
      assert.strictEqual(at(video, "usage", "video_tokens"), 1440)
      const audio = yield* answered(origin, body([{ audio: "https://example.com/a.wav" }, { text: "hm?" }]))
      assert.match(textOf(contentOf(audio)), /the audio a\.wav/)
      // One message may hold text alone, as parts or as a string.
      assert.strictEqual(textOf(contentOf(yield* answered(origin, body([{ text: "1+1?" }])))), "1+1 equals 2.")
      assert.strictEqual(textOf(contentOf(yield* answered(origin, body("1+1?", {}, "qwen3.5-plus")))), "1+1 equals 2.")
    }))

  it.scopedLive("streams increments and totals, and ends with the last text", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const whole = textOf(contentOf(yield* answered(origin, body([image, { text: "who?" }]))))
      const increments = yield* eventsOf(origin, body([image, { text: "who?" }], { incremental_output: true }))
      assert.strictEqual(increments.map((event) => textOf(contentOf(event))).join(""), whole)
      const last = increments[increments.length - 1]
      assert.strictEqual(at(last, "output", "choices", 0, "finish_reason"), "stop")
      assert.notStrictEqual(textOf(contentOf(last)), "")
      const totals = yield* eventsOf(origin, body([image, { text: "who?" }]))
      assert.strictEqual(textOf(contentOf(totals[totals.length - 1])), whole)
      assert.strictEqual(totals.length, increments.length)
    }))

  it.scopedLive("thinks, calls tools and speaks JSON as text generation does", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const thinking = yield* eventsOf(
        origin,
        body([image, { text: "hello" }], { enable_thinking: true, incremental_output: true }, "qwen3.6-plus")
      )
      assert.deepStrictEqual(contentOf(thinking[0]), [])
      assert.notStrictEqual(at(thinking[0], "output", "choices", 0, "message", "reasoning_content"), "")
      const weather = {
        type: "function",
        function: { name: "weather", description: "weather", parameters: { type: "object" } }
      }
      const asked = yield* answered(origin, body([{ text: "weather?" }], { tools: [weather] }, "qwen3.6-plus"))
      const choice = at(asked, "output", "choices", 0)
      assert.strictEqual(at(choice, "finish_reason"), "tool_calls")
      assert.deepStrictEqual(at(choice, "message", "content"), [])
      const [call] = at(choice, "message", "tool_calls") as ReadonlyArray<{ readonly id: string }>
      const told = yield* answered(origin, {
        path,
        body: {
          model: "qwen3.6-plus",
          input: {
            messages: [
              { role: "user", content: [{ text: "weather?" }] },
              { role: "assistant", content: [], tool_calls: [call] },
              { role: "tool", content: [{ text: "sunny" }], tool_call_id: call?.id }
            ]
          }
        }
      })
      assert.match(textOf(contentOf(told)), /sunny/)
      const json = yield* answered(
        origin,
        body([{ text: "2+3 as JSON" }], { response_format: { type: "json_object" } }, "qwen3.6-plus")
      )
      assert.deepInclude(JSON.parse(textOf(contentOf(json))), { result: 5 })
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (what: Ask) => refused(origin, what)
      assert.include(yield* no(body([{ text: "x" }], {}, "qwen-plus")), "url error, please check url!")
      assert.include(yield* no(body([{ text: "x" }], {}, "text-embedding-v4")), "url error")
      const modal = "400 InvalidParameter: The item of content should be a message of a certain modal."
      assert.strictEqual(yield* no(body([{ type: "text" }])), modal)
      assert.strictEqual(yield* no(body([{ type: "image_url", image_url: { url: image.image } }])), modal)
      assert.strictEqual(yield* no(body([null])), modal)
      const badUrl =
        "400 InvalidParameter: The provided URL does not appear to be valid. Ensure it is correctly formatted."
      for (
        const url of [
          "cat.png",
          "file:///etc/passwd",
          "http://",
          "ftp://example.com/a.png",
          "data:image/png;base64,???",
          "data:text/plain;base64,aGk=",
          "oss://nowhere"
        ]
      ) {
        assert.strictEqual(yield* no(body([{ image: url }, { text: "x" }])), badUrl, url)
      }
      assert.include(
        yield* no(body([{ image: "https://gone.invalid/a.png" }])),
        "Failed to download multimodal content."
      )
      assert.include(yield* no(body([{ image: png(9, 20) }])), "The image length and width do not meet")
      assert.include(yield* no(body([{ image: png(10, 2001) }])), "The image length and width do not meet")
      assert.strictEqual((yield* ask(origin, body([{ image: png(10, 2000) }, { text: "x" }]))).status, 200)
      assert.include(yield* no(body([{ audio: "data:audio/wav;base64," }])), "The audio is empty")
      assert.include(
        yield* no(body([{ image: `data:image/png;base64,${"A".repeat(10_485_760)}` }])),
        "max bytes per data-uri"
      )
      assert.include(yield* no(body([{ video: ["https://example.com/1.jpg"] }])), "The video modality input")
      assert.include(yield* no(body([{ image: [image.image] }])), "should be a URL")
      assert.include(yield* no(body([])), "The content field is a required field.")
      assert.include(yield* no(body(5)), "input content must be")
      assert.include(
        yield* no({ path, body: { model: "qwen-vl-max", input: {} } }),
        "must exist and cannot both be none"
      )
      assert.include(yield* no({ ...body("x"), headers: { "x-dashscope-async": "enable" } }), "403 AccessDenied")
      const streamed = yield* ask(origin, { ...body([{ image: "cat.png" }]), stream: true })
      assert.match(streamed.text, /^id:1\nevent:error\n:HTTP_STATUS\/400\n/)
    }))

  describe("OCR", () => {
    const ocr = (task: string, more: object = {}) =>
      body([image], { ocr_options: { task, ...more } }, "qwen-vl-ocr-latest")

    it.scopedLive("extracts by a schema", () =>
      Effect.gen(function*() {
        const { origin } = yield* Simulator.make()
        const result_schema = { 乘车日期: "格式为年-月-日", 发票: { 发票代码: "通常为一组数字" } }
        const content = contentOf(
          yield* answered(origin, ocr("key_information_extraction", { task_config: { result_schema } }))
        )
        const values = at(content, 0, "ocr_result", "kv_result")
        assert.match(String(at(values, "乘车日期")), /^20\d\d-\d\d-\d\d$/)
        assert.match(String(at(values, "发票", "发票代码")), /^\d{8}$/)
        assert.deepStrictEqual(JSON.parse(textOf(content).replace(/^```json\n|\n```$/g, "")), values)
        assert.include(yield* refused(origin, ocr("key_information_extraction")), "result_schema")
      }))

    it.scopedLive("does the other tasks, and only those", () =>
      Effect.gen(function*() {
        const { origin } = yield* Simulator.make()
        const advanced = contentOf(yield* answered(origin, ocr("advanced_recognition")))
        const word = at(advanced, 0, "ocr_result", "words_info", 0)
        assert.strictEqual((at(word, "location") as ReadonlyArray<number>).length, 8)
        assert.strictEqual((at(word, "rotate_rect") as ReadonlyArray<number>).length, 5)
        for (
          const task of ["text_recognition", "table_parsing", "document_parsing", "formula_recognition", "multi_lan"]
        ) {
          assert.isNotEmpty(textOf(contentOf(yield* answered(origin, ocr(task)))))
        }
        assert.include(yield* refused(origin, ocr("guessing")), "ocr_options")
      }))
  })

  describe("omni", () => {
    const omni = (parameters: object) =>
      body([{ text: "hello" }], { incremental_output: true, ...parameters }, "qwen3-omni-flash")
    const speaking = { modalities: ["text", "audio"], audio: { voice: "Cherry", format: "wav" } }

    it.scopedLive("streams only", () =>
      Effect.gen(function*() {
        const { origin } = yield* Simulator.make()
        assert.include(yield* refused(origin, omni(speaking)), "'audio' output only support with stream=true")
        assert.include(yield* refused(origin, omni({})), "This model only supports stream mode")
      }))

    it.scopedLive("says its text in pieces of audio, which are the file's", () =>
      Effect.gen(function*() {
        const { origin } = yield* Simulator.make()
        for (const incremental_output of [true, false]) {
          const events = yield* eventsOf(origin, omni({ ...speaking, incremental_output }))
          const texts = events.map((event) => textOf(contentOf(event))).filter((text) => text !== "")
          assert.match(incremental_output ? texts.join("") : texts[texts.length - 1] ?? "", /^You said: "hello"/)
          const pieces = events.map((event) => at(event, "output", "audio", "data")).filter((data) =>
            data !== undefined
          )
          const audio = Buffer.concat(pieces.map((data) => Buffer.from(data as string, "base64")))
          const reasons = events.map((event) => at(event, "output", "choices", 0, "finish_reason"))
          assert.deepStrictEqual(reasons.filter((reason) => reason !== "null"), ["stop"])
          const last = events[events.length - 1]
          assert.strictEqual(at(last, "output", "audio", "data"), "")
          const file = yield* Effect.promise(() =>
            fetch(String(at(last, "output", "audio", "url"))).then((response) => response.arrayBuffer())
          )
          assert.deepStrictEqual(Buffer.from(file).subarray(44), audio)
        }
        const streamed = yield* ask(origin, { ...omni({ ...speaking, audio: { voice: "Nobody" } }), stream: true })
        assert.include(streamed.text, "Input should be 'Cherry'")
      }))
  })

  it.runIf(present)("has the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const captures = capturesWhere(({ name }) => name.startsWith("multimodal-generation"))
      assert.isAtLeast(captures.length, 6)
      const known = new Set(captures.flatMap(({ answer, streamed }) => [...fieldsOf(answer, streamed)]))
      for (const { answer, body, name, streamed } of captures) {
        const { text } = yield* ask(origin, { path, body, stream: streamed })
        const own = fieldsOf(text, streamed)
        const { missing } = differences(own, fieldsOf(answer, streamed))
        assert.deepStrictEqual(missing, [], name)
        const unknown = [...own].filter((field) => !known.has(field) && !field.includes("kv_result"))
        assert.deepStrictEqual(
          unknown,
          name.includes("video") ? [".usage.input_tokens_details.video_tokens"] : [],
          name
        )
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})

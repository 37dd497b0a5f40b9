/** What models that read, hear, speak and paint answer, from the simulator as a program sees it. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as DashScope from "../../src/DashScope.js"
import type { GenerationResult } from "../../src/GenerationResult.js"
import * as MultiModalConversation from "../../src/MultiModalConversation.js"
import * as MultiModalMessage from "../../src/MultiModalMessage.js"
import type { MultiModalParams } from "../../src/MultiModalParams.js"

const image = "https://example.com/receipt.jpg"

const live = (url: string) =>
  Layer.merge(DashScope.layer({ endpoint: url, apiKey: "sk-test", retry: false }), NodeFileSystem.layer)

const withSimulator = <A, E, R>(
  run: (simulator: Simulator.Service) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run(simulator), live(simulator.url))
  })

const fetched = (url: string | null | undefined) =>
  Effect.promise(() => fetch(String(url)).then(async (response) => new Uint8Array(await response.arrayBuffer())))

const says = (data: string | null): GenerationResult => ({ output: { audio: { data }, choices: [{ message: {} }] } })

describe("OCR", () => {
  it.scopedLive("has its result typed, whole and streamed", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const ask = (ocrOptions: MultiModalParams["ocrOptions"]): MultiModalParams => ({
          model: "qwen-vl-ocr-latest",
          messages: [MultiModalMessage.user([{ image }])],
          ocrOptions
        })
        const extract = ask({
          task: "key_information_extraction",
          taskConfig: { resultSchema: { 乘车日期: "格式为年-月-日", 发票: { 发票代码: "数字" } } }
        })
        const whole = yield* MultiModalConversation.call(extract)
        const values = MultiModalConversation.ocrResult(whole)?.kvResult
        assert.hasAllKeys(values, ["乘车日期", "发票"])
        const collected = yield* MultiModalConversation.collect(MultiModalConversation.stream(extract))
        assert.deepStrictEqual(MultiModalConversation.ocrResult(collected)?.kvResult, values)
        assert.strictEqual(MultiModalConversation.text(collected), MultiModalConversation.text(whole))
        const words = MultiModalConversation.ocrResult(
          yield* MultiModalConversation.call(ask({ task: "advanced_recognition" }))
        )?.wordsInfo
        assert.lengthOf(words?.[0]?.location ?? [], 8)
        assert.lengthOf(words?.[0]?.rotateRect ?? [], 5)
        assert.isNotEmpty(words?.[0]?.text)
        const plain = yield* MultiModalConversation.call(ask({ task: "text_recognition" }))
        assert.isUndefined(MultiModalConversation.ocrResult(plain))
      })
    ))

  it("reads odd results, and none", () => {
    const of = (content: unknown) =>
      MultiModalConversation.ocrResult({ output: { choices: [{ message: { content: content as string } }] } })
    for (const content of [null, "", "text", [], [null, 7], [{ text: "a" }], [{ ocr_result: null }]]) {
      assert.isUndefined(of(content))
    }
    assert.deepStrictEqual<unknown>(
      of([{ text: "a" }, { ocr_result: { words_info: [{ text: 7, x: 1 }], y: 2 } }]),
      { wordsInfo: [{ text: null, x: 1 }], y: 2 }
    )
  })
})

describe("speech recognition", () => {
  it.scopedLive("has annotations beside its text", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const params: MultiModalParams = {
          model: "qwen3-asr-flash",
          messages: [
            MultiModalMessage.system([{ text: "" }]),
            MultiModalMessage.user([{ audio: "https://example.com/welcome.mp3" }])
          ],
          asrOptions: { language: "zh", enableItn: false }
        }
        const whole = yield* MultiModalConversation.call(params)
        assert.include(MultiModalConversation.text(whole), "欢迎使用阿里云")
        const [annotation] = MultiModalConversation.annotations(whole)
        assert.deepInclude(annotation, { language: "zh", type: "audio_info" })
        assert.isNumber(whole.usage?.seconds)
        const streamed = yield* MultiModalConversation.collect(MultiModalConversation.stream(params))
        assert.deepStrictEqual(streamed.output, whole.output)
        const typed = yield* MultiModalConversation.call({
          model: "qwen-audio-3.0-asr-flash",
          messages: [
            MultiModalMessage.user([
              MultiModalMessage.part({
                type: "input_audio",
                input_audio: { data: "https://example.com/hello_world.wav" }
              })
            ])
          ],
          format: "wav",
          sampleRate: "16000",
          vocabulary: { 张三: 5 }
        })
        assert.isNotEmpty(MultiModalConversation.text(typed))
      })
    ))
})

describe("pictures", () => {
  it.scopedLive("are URLs, of parts and of choices", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const ask = (model: string, more: Partial<MultiModalParams> = {}) =>
          MultiModalConversation.call({
            model,
            messages: [MultiModalMessage.user([{ text: "a flower shop" }])],
            negativePrompt: "people",
            promptExtend: true,
            watermark: false,
            ...more
          })
        const one = yield* ask("qwen-image", { size: "1664*928" })
        const [url, ...others] = MultiModalConversation.images(one)
        assert.lengthOf(others, 0)
        assert.deepStrictEqual([one.usage?.imageCount, one.usage?.width, one.usage?.height], [1, 1664, 928])
        assert.deepStrictEqual([...(yield* fetched(url)).subarray(1, 4)], [...new TextEncoder().encode("PNG")])
        assert.lengthOf(MultiModalConversation.images(yield* ask("wan2.6-t2i", { n: 3 })), 3)
        assert.deepStrictEqual(
          MultiModalConversation.images({ output: { choices: [{ message: { content: "a" } }] } }),
          []
        )
      })
    ))
})

describe("audio", () => {
  const tts = (model: string): MultiModalParams => ({ model, text: "那我来给大家推荐一款T恤", voice: "Cherry" })

  it.scopedLive("of qwen-tts comes in pieces, and is a file like the service's", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const path = `${yield* files.makeTempDirectoryScoped()}/speech.wav`
        // The first generation begins with the head of a file.
        for (const model of ["qwen3-tts-flash", "qwen-tts"]) {
          const elements = yield* Stream.runCollect(MultiModalConversation.stream(tts(model)))
          const { audio } = Chunk.unsafeLast(elements).output
          const file = yield* fetched(audio?.url)
          const pieces = yield* Stream.runCollect(MultiModalConversation.audioOf(Stream.fromChunk(elements)))
          assert.isAbove(pieces.length, 1)
          const saved = yield* MultiModalConversation.saveAudio(Stream.fromChunk(elements), path)
          assert.deepStrictEqual(yield* files.readFile(path), file)
          assert.deepStrictEqual(saved, { path, bytes: file.length - 44, seconds: (file.length - 44) / 48_000 })
          const again = yield* Stream.fromChunk(elements).pipe(MultiModalConversation.collectAudio())
          assert.deepStrictEqual(again, file)
          // Collected, it is one piece.
          const whole = yield* MultiModalConversation.collect(Stream.fromChunk(elements))
          const kept = yield* MultiModalConversation.collectAudio(Stream.succeed(whole))
          assert.deepStrictEqual(kept, file)
          assert.strictEqual(MultiModalConversation.audio(whole)?.url, audio?.url)
        }
        const [asked] = yield* simulator.requests
        assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), {
          model: "qwen3-tts-flash",
          input: { text: "那我来给大家推荐一款T恤", voice: "Cherry" },
          parameters: {}
        })
      })
    ))

  it.scopedLive("of omni is spoken beside its text, with increments and with totals", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const path = `${yield* files.makeTempDirectoryScoped()}/omni.wav`
        for (const incrementalOutput of [true, false]) {
          const params: MultiModalParams = {
            model: "qwen3-omni-flash",
            prompt: "hello",
            modalities: ["text", "audio"],
            audio: { voice: "Cherry", format: "wav" },
            incrementalOutput
          }
          const elements: Array<GenerationResult> = []
          yield* MultiModalConversation.stream(params).pipe(
            Stream.tap((result) => Effect.sync(() => elements.push(result))),
            MultiModalConversation.saveAudio(path)
          )
          const whole = MultiModalConversation.merge(elements)
          assert.include(MultiModalConversation.text(whole!), "hello")
          assert.deepStrictEqual(yield* files.readFile(path), yield* fetched(whole?.output.audio?.url))
        }
      })
    ))

  it.effect("that is none, or none at all, is an ApiError, and makes no file", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/none.wav`
      const broken = yield* Effect.flip(MultiModalConversation.saveAudio(Stream.make(says("?")), path))
      assert.include(broken.message, "not base64")
      const none = yield* Effect.flip(MultiModalConversation.saveAudio(Stream.make(says(""), says(null)), path))
      assert.include(none.message, "no audio")
      assert.include((yield* Effect.flip(MultiModalConversation.collectAudio(Stream.empty))).message, "no audio")
      assert.isFalse(yield* files.exists(path))
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

  it.effect("that breaks off leaves a file that can be played", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/half.wav`
      const stream = Stream.concat(
        Stream.make(says(Encoding.encodeBase64(new Uint8Array(1000).fill(7)))),
        Stream.fail("broken" as const)
      )
      assert.strictEqual(
        yield* Effect.flip(MultiModalConversation.saveAudio(stream, path, { sampleRate: 16_000 })),
        "broken"
      )
      const bytes = yield* files.readFile(path)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      assert.deepStrictEqual([view.getUint32(40, true), view.getUint32(24, true), bytes.length], [1000, 16_000, 1044])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
})

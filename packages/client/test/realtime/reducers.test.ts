import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import { traitsOf } from "../../src/internal/realtime/families.js"
import * as Messages from "../../src/internal/realtime/messages.js"
import { update } from "../../src/internal/realtime/update.js"
import * as Realtime from "../../src/Realtime.js"

const read = (type: string, body: object = {}): Realtime.ServerEvent => {
  const event = Messages.read(JSON.stringify({ type, ...body }))
  if ("_tag" in event) throw event
  return event
}

describe("what models have in common", () => {
  it("is known by their names", () => {
    const of = (model: string) => {
      const { end, family, formats } = traitsOf(model)
      return `${family} ${formats} ${end}`
    }
    assert.deepStrictEqual({
      turbo: of("qwen-omni-turbo-realtime"),
      omni3: of("qwen3-omni-flash-realtime-2025-12-01"),
      omni35: of("qwen3.5-omni-plus-realtime"),
      omni38: of("qwen3.8-omni-flash-realtime"),
      asr: of("qwen3-asr-flash-realtime"),
      tts: of("qwen-tts-realtime"),
      clone: of("qwen3-tts-vc-realtime-2025-11-27"),
      translate: of("qwen3-livetranslate-flash-realtime"),
      translate38: of("qwen3.8-livetranslate-flash-realtime"),
      audio: of("qwen-audio-3.0-realtime-plus"),
      other: of("some-new-model")
    }, {
      turbo: "omni flat finished",
      omni3: "omni flat finished",
      omni35: "omni nested finished",
      omni38: "omni nested perhapsFinished",
      asr: "asr flatWithRate finished",
      tts: "tts response finished",
      clone: "tts response finished",
      translate: "translate flatWithRate finished",
      translate38: "translate nested finished",
      audio: "audio flat unasked",
      other: "omni flat finished"
    })
    assert.strictEqual(traitsOf("some-new-model", "tts").formats, "response")
    // What the name says beyond the family stays.
    assert.strictEqual(traitsOf("qwen3.5-omni-plus-realtime", "omni").formats, "nested")
  })
})

describe("the parameters of a session", () => {
  const written = (model: string, params: Realtime.SessionParams) => Either.getOrThrow(update(params, traitsOf(model)))

  it("are under their wire names, audio formats by model", () => {
    const input = { type: "pcm", sampleRate: 16_000 }
    const output = { type: "wav", sampleRate: 24_000 }
    assert.deepStrictEqual(written("qwen3.5-omni-flash-realtime", { input, output: { sampleRate: 48_000 } }), {
      audio: {
        input: { format: { type: "pcm", sample_rate: 16_000 } },
        output: { format: { type: "pcm", sample_rate: 48_000 } }
      }
    })
    assert.deepStrictEqual(written("qwen3-omni-flash-realtime", { input, output }), {
      input_audio_format: "pcm",
      output_audio_format: "wav"
    })
    assert.deepStrictEqual(written("qwen3-asr-flash-realtime", { input: { type: "opus", sampleRate: 8000 } }), {
      input_audio_format: "opus",
      sample_rate: 8000
    })
    assert.deepStrictEqual(written("qwen3-tts-flash-realtime", { output, voice: "Cherry" }), {
      response_format: "wav",
      sample_rate: 24_000,
      voice: "Cherry"
    })
  })

  it("say null where a feature is off, and what has no name here", () => {
    assert.deepStrictEqual(
      written("qwen3-omni-flash-realtime", {
        turnDetection: null,
        inputTranscription: null,
        topP: 0.5,
        extra: { top_p: 0.6, novel: { a: null } }
      }),
      { turn_detection: null, input_audio_transcription: null, top_p: 0.6, novel: { a: null } }
    )
    assert.deepStrictEqual(
      written("qwen3-livetranslate-flash-realtime", {
        translation: { language: "en", phrases: { 人工智能: "AI" }, sameLanguageSkip: { text: true } },
        voiceCloneFrequency: "once",
        inputTranscription: { model: null }
      }),
      {
        translation: {
          language: "en",
          corpus: { phrases: { 人工智能: "AI" } },
          same_language_skip_options: { skip_text: true, skip_audio: undefined }
        },
        voice_clone_options: { frequency: "once" },
        input_audio_transcription: { model: null }
      }
    )
    const wrong = update({ turnDetection: { type: "server_vad", treshold: 1 } as never }, traitsOf("m"))
    assert.include(Either.isLeft(wrong) ? wrong.left.description : "", "threshold")
  })
})

describe("responses", () => {
  const of = { response_id: "r1", item_id: "i1", content_index: 0 }

  it("are put together of their events", () => {
    const events = [
      read("response.created", { response: { id: "r1", status: "in_progress" } }),
      read("response.audio_transcript.delta", { ...of, delta: "Hel" }),
      read("response.audio.delta", { ...of, delta: "AQI=" }),
      read("response.audio_transcript.delta", { ...of, delta: "lo" }),
      read("response.audio.delta", { ...of, delta: "Aw==" }),
      read("response.audio_transcript.done", { ...of, transcript: "Hello!" }),
      read("response.created", { response: { id: "r2" } }),
      read("response.text.delta", { response_id: "r2", item_id: "i2", delta: "4" }),
      read("response.text.delta", { response_id: "r2", item_id: "i2", delta: "2" }),
      read("response.done", {
        response: {
          id: "r1",
          status: "cancelled",
          status_details: { reason: "turn_detected" },
          usage: { characters: 3 }
        }
      })
    ]
    const [first, second] = Realtime.responses(events)
    assert.deepInclude(first, {
      id: "r1",
      isDone: true,
      status: "cancelled",
      reason: "turn_detected",
      transcript: "Hello!",
      text: "",
      audio: [Uint8Array.of(1, 2), Uint8Array.of(3)],
      usage: { characters: 3 }
    })
    assert.deepInclude(second, { id: "r2", isDone: false, text: "42" })
  })

  it("have the whole text of translations, which is no increment", () => {
    const [response] = Realtime.responses([
      read("response.created", { response: { id: "r1" } }),
      read("response.audio_transcript.text", { ...of, text: "The", stash: " we" }),
      read("response.audio_transcript.text", { ...of, text: "The weather", stash: "" })
    ])
    assert.strictEqual(response?.transcript, "The weather")
  })

  it("know the functions that the model asks for, however they are told", () => {
    const whole = { callId: "c1", name: "get_weather", arguments: "{\"city\":\"杭州\"}" }
    const wire = { call_id: whole.callId, name: whole.name, arguments: whole.arguments }
    const item = { id: "i1", type: "function_call", ...wire }
    const created = read("response.created", { response: { id: "r1" } })
    const ways = [
      [
        read("response.output_item.added", { ...of, item: { ...item, arguments: "" } }),
        read("response.function_call_arguments.delta", { ...of, call_id: "c1", delta: "{\"city\":" }),
        read("response.function_call_arguments.delta", { ...of, call_id: "c1", delta: "\"杭州\"}" })
      ],
      [read("response.function_call_arguments.done", { ...of, ...wire })],
      [read("response.output_item.done", { ...of, item })],
      [read("response.done", { response: { id: "r1", output: [item] } })]
    ]
    for (const way of ways) {
      assert.deepStrictEqual(Realtime.responses([created, ...way])[0]?.functionCalls, [whole])
    }
    // All of them together are still one call.
    assert.deepStrictEqual(Realtime.responses([created, ...ways.flat()])[0]?.functionCalls, [whole])
  })

  it("are the same however their audio and text are cut", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.uint8Array({ minLength: 1, maxLength: 9 })),
        FastCheck.array(FastCheck.string()),
        (audio, texts) => {
          const [response] = Realtime.responses([
            read("response.created", { response: { id: "r1" } }),
            ...audio.map((piece) =>
              read("response.audio.delta", { ...of, delta: Buffer.from(piece).toString("base64") })
            ),
            ...texts.map((delta) => read("response.text.delta", { ...of, delta }))
          ])
          assert.deepStrictEqual(Buffer.concat(response?.audio ?? []), Buffer.concat(audio))
          assert.strictEqual(response?.text, texts.join(""))
        }
      ),
      { numRuns: casesOf(200) }
    )
  })
})

describe("transcripts", () => {
  const type = "conversation.item.input_audio_transcription"

  it("are the newest of each item, and no increments", () => {
    const events = [
      read(`${type}.text`, { item_id: "a", text: "", stash: "Bei" }),
      read(`${type}.delta`, { item_id: "a", text: "Beijing's", stash: " wea", language: "en", emotion: "happy" }),
      read(`${type}.text`, { item_id: "b", text: "Next", stash: "" }),
      read(`${type}.completed`, { item_id: "a", transcript: "Beijing's weather.", language: "en" }),
      read(`${type}.failed`, { item_id: "c", error: { code: "audio_unintelligible" } }),
      read("conversation.item.ambient_audio_transcription.completed", { transcript: "a car" }),
      read("conversation.item.ambient_audio_transcription.completed", { transcript: "a dog" })
    ]
    assert.deepStrictEqual(
      Realtime.transcripts(events).map(({ error, isAmbient, isFinal, itemId, text }) => ({
        itemId,
        text,
        isFinal,
        ...(isAmbient ? { isAmbient } : undefined),
        ...(error === undefined ? undefined : { code: error.code })
      })),
      [
        { itemId: "", text: "a car", isFinal: true, isAmbient: true },
        { itemId: "", text: "a dog", isFinal: true, isAmbient: true },
        { itemId: "a", text: "Beijing's weather.", isFinal: true },
        { itemId: "b", text: "Next", isFinal: false },
        { itemId: "c", text: "", isFinal: true, code: "audio_unintelligible" }
      ]
    )
    const [, second] = events
    assert.deepInclude(second === undefined ? {} : Realtime.transcriptOf(second), {
      text: "Beijing's",
      stash: " wea",
      isFinal: false,
      language: "en",
      emotion: "happy"
    })
  })
})

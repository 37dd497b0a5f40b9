/** Speech over WebSockets: what `python/speech.py` and `java/Speech.java` ask the official SDKs for, asked of this library. */
import { DashScope, SpeechSynthesizer } from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export interface SpeechCase {
  readonly name: string
  readonly stream: boolean
  readonly sdks: ReadonlyArray<"Python" | "Java">
  readonly ours: (apiKey: string) => Effect.Effect<unknown, unknown, SpeechSynthesizer.SpeechSynthesizer>
}

const voice = { model: "cosyvoice-v3-flash", voice: "longanyang" }

const parameters = {
  ...voice,
  format: "pcm",
  sampleRate: 16_000,
  volume: 40,
  rate: 1.5,
  pitch: 0.5,
  seed: 7,
  instruction: "slowly",
  languageHints: ["zh"],
  hotFix: { replace: [{ 今天: "金天" }] },
  wordTimestampEnabled: true
}

const streamed = (texts: Stream.Stream<SpeechSynthesizer.SpeechInput>) => (apiKey: string) =>
  Stream.runDrain(SpeechSynthesizer.stream(parameters, texts, { apiKey }))

export const speechCases: ReadonlyArray<SpeechCase> = [
  {
    name: "synthesis-call",
    stream: false,
    sdks: ["Python", "Java"],
    ours: (apiKey) => SpeechSynthesizer.synthesize({ ...voice, text: "今天天气怎么样？" }, { apiKey })
  },
  {
    name: "synthesis-stream",
    stream: true,
    sdks: ["Python"],
    ours: streamed(Stream.make("今天", SpeechSynthesizer.flush, "天气怎么样？"))
  },
  // This version of the SDK of Java cannot flush.
  { name: "synthesis-texts", stream: true, sdks: ["Java"], ours: streamed(Stream.make("今天", "天气怎么样？")) },
  { name: "synthesis-flowable", stream: true, sdks: ["Java"], ours: streamed(Stream.make("今天", "天气怎么样？")) }
]

export const sendSpeech = (one: SpeechCase, apiKey: string, url: string): Effect.Effect<unknown, unknown> =>
  Effect.provide(one.ours(apiKey), DashScope.layer({ endpoint: url }))

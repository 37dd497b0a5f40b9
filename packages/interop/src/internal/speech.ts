/** Speech over WebSockets: what `python/speech.py` asks the official SDKs for, asked of this library. */
import { DashScope, SpeechSynthesizer } from "effect-dashscope"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export interface SpeechCase {
  readonly name: string
  readonly stream: boolean
  readonly ours: (apiKey: string) => Effect.Effect<unknown, unknown, SpeechSynthesizer.SpeechSynthesizer>
}

const voice = { model: "cosyvoice-v3-flash", voice: "longanyang" }

export const speechCases: ReadonlyArray<SpeechCase> = [
  {
    name: "synthesis-call",
    stream: false,
    ours: (apiKey) => SpeechSynthesizer.synthesize({ ...voice, text: "今天天气怎么样？" }, { apiKey })
  },
  {
    name: "synthesis-stream",
    stream: true,
    ours: (apiKey) =>
      Stream.runDrain(SpeechSynthesizer.stream(
        {
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
        },
        Stream.make("今天", SpeechSynthesizer.flush, "天气怎么样？"),
        { apiKey }
      ))
  }
]

export const sendSpeech = (one: SpeechCase, apiKey: string, url: string): Effect.Effect<unknown, unknown> =>
  Effect.provide(one.ours(apiKey), DashScope.layer({ endpoint: url }))

/** Audio to send. */
import { DashScope, HttpSpeechSynthesizer } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"

/** A text as the simulator speaks it: a WAV file of 16 kHz. */
export const spoken = (text: string) =>
  Effect.flatMap(Simulator.make(), ({ url }) =>
    HttpSpeechSynthesizer.collectAudio({
      model: "cosyvoice-v3-flash",
      voice: "longanyang",
      text,
      format: "wav",
      sampleRate: 16_000
    }).pipe(Effect.provide(DashScope.layer({ apiKey: "sk-interop", endpoint: url })))).pipe(Effect.scoped)

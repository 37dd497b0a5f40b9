/** What a schedule of chaos does over the realtime protocol, and what it has to hear where the service is sound. */
import { Effect, Stream } from "effect"
import * as assert from "node:assert"
import type * as DashScope from "../../src/DashScope.js"
import { joined } from "../../src/internal/operation/audio.js"
import * as Realtime from "../../src/Realtime.js"
import type { RealtimeHow } from "./speechPlan.js"
import { sayings } from "./speechPlan.js"

const output = { type: "pcm", sampleRate: 16_000 }
const voice = { model: "qwen3-tts-flash-realtime", voice: "Cherry", output }
const asr = { model: "qwen3-asr-flash-realtime", input: { type: "pcm", sampleRate: 16_000 }, turnDetection: null }
const omni = { model: "qwen3.5-omni-flash-realtime", output, turnDetection: null }

/** Of each saying how it sounds, and how the answer to it does. */
export interface RealtimeSounds {
  readonly spoken: ReadonlyArray<Uint8Array>
  readonly answered: ReadonlyArray<Uint8Array>
}

/** What a step has heard so far. */
export interface Heard {
  readonly audio: Array<Uint8Array>
  text: string | undefined
}

const whole = (saying: number): string => sayings[saying]!.join("")

const keep = (heard: Heard) => (audio: Uint8Array) => Effect.sync(() => heard.audio.push(audio))

const speak = (saying: number, heard: Heard, options: Realtime.RealtimeOptions) =>
  Stream.runForEach(Realtime.speak(voice, Stream.fromIterable(sayings[saying]!), options), keep(heard))

const converse = (saying: number, heard: Heard, options: Realtime.RealtimeOptions) =>
  Effect.scoped(Effect.gen(function*() {
    const input = Stream.make(Realtime.text(whole(saying)), Realtime.endTurn)
    const { audio, events } = yield* Realtime.conversation(omni, input, options)
    yield* Effect.all([Stream.runForEach(audio, keep(heard)), Stream.runDrain(events)], { concurrency: 2 })
  }))

const fresh = (): Heard => ({ audio: [], text: undefined })

/** As a sound service says it. */
export const realtimeSounds = Effect.gen(function*() {
  const spoken: Array<Uint8Array> = []
  const answered: Array<Uint8Array> = []
  for (const saying of sayings.keys()) {
    const [said, answer] = [fresh(), fresh()]
    yield* speak(saying, said, {})
    yield* converse(saying, answer, {})
    spoken.push(joined(said.audio))
    answered.push(joined(answer.audio))
  }
  return { spoken, answered }
})

/** Pieces of a tenth of a second. */
const pieces = (audio: Uint8Array): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(audio.length / 3200) }, (_, i) => audio.subarray(i * 3200, (i + 1) * 3200))
  )

export const runRealtime = (
  how: RealtimeHow,
  saying: number,
  sounds: RealtimeSounds,
  heard: Heard,
  options: Realtime.RealtimeOptions
): Effect.Effect<unknown, unknown, DashScope.Services> => {
  switch (how) {
    case "sessionSpeaks":
      return speak(saying, heard, options)
    case "sessionHears":
      return Stream.runForEach(
        Realtime.transcribe(asr, pieces(sounds.spoken[saying]!), options),
        ({ isFinal, text }) =>
          Effect.sync(() => {
            if (isFinal) heard.text = text
          })
      )
    case "sessionTalks":
      return converse(saying, heard, options)
    case "sessionIsLeft":
      return Effect.scoped(Effect.gen(function*() {
        const session = yield* Realtime.open(omni, options)
        yield* session.createItem(whole(saying))
        yield* session.createResponse()
        yield* Stream.runDrain(Stream.take(session.events, 4))
      }))
  }
}

/** Nobody hears another's audio, and where it ended well, all of it. */
export const checkHeard = (
  how: RealtimeHow,
  saying: number,
  sounds: RealtimeSounds,
  { audio, text }: Heard,
  endedWell: boolean
) => {
  if (how === "sessionHears") {
    if (endedWell) assert.strictEqual(text, whole(saying))
    return
  }
  const heard = joined(audio)
  const expected = (how === "sessionSpeaks" ? sounds.spoken : sounds.answered)[saying]!
  assert.ok(
    Buffer.from(heard).equals(endedWell && how !== "sessionIsLeft" ? expected : expected.subarray(0, heard.length)),
    `${how} heard something else than what was said: ${heard.length} of ${expected.length} bytes`
  )
}

/** How fast audio is sent, and what becomes of its pauses: by the Clock, which these tests move. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as DashScope from "../../src/DashScope.js"
import { joined } from "../../src/internal/operation/audio.js"
import * as Wav from "../../src/internal/operation/wav.js"
import * as Recognition from "../../src/Recognition.js"
import { serveScript } from "../util/scriptedSocket.js"

const params: Recognition.RecognitionParams = { model: "fun-asr-realtime", format: "pcm", sampleRate: 16_000 }

/** A recognition whose audio the test gives piece by piece, at a server that keeps what it hears. */
const recognizing = <A, E>(
  params: Recognition.RecognitionParams,
  options: Recognition.RecognitionOptions,
  use: (it: {
    readonly give: (bytes: Uint8Array) => Effect.Effect<unknown>
    /** Waits until so many frames have come, and gives their sizes. */
    readonly heard: (frames: number) => Effect.Effect<ReadonlyArray<number>>
    readonly frames: ReadonlyArray<Buffer>
    /** Ends the audio, and gives what it came to. */
    readonly end: Effect.Effect<unknown, unknown>
    readonly result: Effect.Effect<unknown, unknown>
  }) => Effect.Effect<A, E, Scope.Scope>
) =>
  Effect.scoped(Effect.gen(function*() {
    const frames: Array<Buffer> = []
    const server = yield* serveScript({
      onAudio: (_, bytes) => void frames.push(bytes),
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") peer.event(taskId, "task-started")
        if (action === "finish-task") peer.event(taskId, "task-finished", { payload: { output: {} } })
      }
    })
    const audio = yield* Mailbox.make<Uint8Array>()
    const fiber = yield* Recognition.recognize(params, Mailbox.toStream(audio), options).pipe(
      Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: server.url, retry: false })),
      Effect.fork
    )
    const heard = (count: number) =>
      Effect.as(server.waitFor(() => frames.length >= count), frames).pipe(
        Effect.map((frames) => frames.map(({ length }) => length))
      )
    yield* server.waitFor(({ messages }) => messages.length === 1)
    return yield* use({
      give: (bytes) => audio.offer(bytes),
      heard,
      frames,
      end: Effect.zipRight(audio.end, Fiber.join(fiber)),
      result: Fiber.join(fiber)
    })
  }))

/** Lets what is under way arrive: a message of the loopback takes no time of the Clock. */
const settled = Effect.forEach(
  Array.from({ length: 20 }),
  () => Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void))),
  { discard: true }
)

const failureOf = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.map(Effect.flip(effect), (error) => (error as { readonly message: string }).message)

describe("a pause of the audio", () => {
  it.effect("is filled with a tenth of a second of silence every 20 seconds, between whole samples", () =>
    recognizing(params, {}, ({ end, frames, give, heard }) =>
      Effect.gen(function*() {
        // Half a sample is held back, and what is not yet a frame.
        yield* give(new Uint8Array(3201).fill(1))
        assert.deepStrictEqual(yield* heard(1), [3200])
        yield* TestClock.adjust("19 seconds")
        yield* settled
        assert.lengthOf(frames, 1)
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* heard(2), [3200, 3200])
        assert.isTrue(frames[1]?.every((byte) => byte === 0))
        yield* give(new Uint8Array(1001).fill(2))
        yield* settled
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(yield* heard(4), [3200, 3200, 1002, 3200])
        assert.strictEqual(frames[2]?.[0], 1)
        // What comes counts: nothing is due before 20 seconds without.
        yield* TestClock.adjust("15 seconds")
        yield* give(new Uint8Array(3200).fill(3))
        assert.lengthOf(yield* heard(5), 5)
        yield* TestClock.adjust("15 seconds")
        yield* settled
        assert.lengthOf(frames, 5)
        yield* end
      })))

  it.effect("before any audio is filled, too", () =>
    recognizing(params, {}, ({ end, frames }) =>
      Effect.gen(function*() {
        yield* Effect.repeat(Effect.zipRight(TestClock.adjust("20 seconds"), settled), {
          until: () => frames.length > 0
        })
        assert.strictEqual(frames[0]?.length, 3200)
        yield* end
      })))

  it.effect("in a WAV file without a length is filled as its head says", () =>
    recognizing({ ...params, format: "wav" }, {}, ({ end, frames, give, heard }) =>
      Effect.gen(function*() {
        yield* give(Wav.head(0xffff_ffff, { code: 1, channels: 1, sampleRate: 8000, bits: 8 }))
        yield* settled
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(yield* heard(2), [44, 800])
        assert.isTrue(frames[1]?.every((byte) => byte === 0x80))
        yield* end
      })))

  it.effect("where no silence can be put in fails before the service's own limit, and says why", () =>
    Effect.forEach(
      [
        ["wav", {}, joined([Wav.head(90_000, Wav.usual), new Uint8Array(10_000)]), "says how long it is"],
        ["mp3", {}, new Uint8Array(5000), "audio of the format mp3"],
        ["pcm", { gaps: "fail" }, new Uint8Array(3200), "`gaps` is \"fail\""]
      ] as const,
      ([format, options, first, why]) =>
        recognizing({ ...params, format }, options, ({ give, heard, result }) =>
          Effect.gen(function*() {
            yield* give(first)
            yield* heard(1)
            yield* settled
            yield* TestClock.adjust("20 seconds")
            const message = yield* failureOf(result)
            assert.include(message, "nothing was sent for 20 seconds")
            assert.include(message, why)
          }))
    ))
})

describe("the pace", () => {
  it.effect("of real time sends no frame before what is ahead of it is spoken", () =>
    recognizing(params, { pace: "realtime" }, ({ end, frames, give, heard }) =>
      Effect.gen(function*() {
        yield* give(new Uint8Array(3 * 3200 + 2400))
        assert.lengthOf(yield* heard(1), 1)
        for (const count of [2, 3, 4]) {
          yield* TestClock.adjust("99 millis")
          yield* settled
          assert.lengthOf(frames, count - 1)
          yield* TestClock.adjust("1 millis")
          assert.lengthOf(yield* heard(count), count)
        }
        // Late audio is sent at once.
        yield* TestClock.adjust("10 seconds")
        yield* give(new Uint8Array(2 * 3200))
        assert.lengthOf(yield* heard(6), 6)
        yield* end
      })))

  it.effect("is that of the audio where nothing else is said", () =>
    recognizing(params, {}, ({ end, give, heard }) =>
      Effect.gen(function*() {
        yield* give(new Uint8Array(50 * 3200))
        assert.lengthOf(yield* heard(50), 50)
        yield* end
      })))
})

describe("a slow socket", () => {
  it.live("slows the audio", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* serveScript({
        onMessage: (peer, { action, taskId }) => {
          if (action !== "run-task") return
          peer.event(taskId, "task-started")
          // Reads nothing more.
          peer.ws.pause()
        }
      })
      let taken = 0
      const endless = Stream.forever(Stream.make(new Uint8Array(64 * 1024))).pipe(
        Stream.tap(() => Effect.sync(() => taken++))
      )
      const error = yield* Recognition.recognize(params, endless, { timeout: "500 millis" }).pipe(
        Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: server.url, retry: false })),
        Effect.flip
      )
      assert.strictEqual(error._tag, "RequestTimeout")
      // The buffers of two sockets, and no more.
      assert.isBelow(taken * 64 * 1024, 32 * 1024 * 1024)
    })))
})

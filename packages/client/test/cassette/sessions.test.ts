import { NodeFileSystem } from "@effect/platform-node"
import * as FileSystem from "@effect/platform/FileSystem"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as HttpClient from "effect-http-pool/HttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Options } from "../../src/CallOptions.js"
import * as Cassette from "../../src/Cassette.js"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as DuplexTask from "../../src/DuplexTask.js"
import * as DashScope from "../../src/neutral/DashScope.js"
import * as Realtime from "../../src/Realtime.js"
import * as Recognition from "../../src/Recognition.js"
import * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"

const key = "sk-cassette-0123456789"

const speech: SpeechSynthesizer.SpeechParams = { model: "cosyvoice-v3-flash", voice: "longanyang", format: "pcm" }

const say = (...texts: ReadonlyArray<string>) => SpeechSynthesizer.stream(speech, Stream.fromIterable(texts))

const over = (options: Cassette.Options, endpoint: string, more: Options = {}) =>
  DashScope.layerWithoutHttpClient({ apiKey: key, endpoint, retry: false, ...more }).pipe(
    Layer.provide(Cassette.layer(options))
  )

/** The service is the simulator, over the pool. */
const recording = (options: Cassette.Options, simulator: Simulator.Service) =>
  over(options, simulator.url).pipe(
    Layer.provide(HttpClient.layer(ConnectionConfig.make({ connectionPoolSize: 4 })))
  )

/** There is no service and no pool, and another key. */
const replaying = (options: Cassette.Options, more: Options = {}) =>
  over(options, "http://127.0.0.1:1/api/v1", { apiKey: "sk-other", ...more }).pipe(
    Layer.provide(Layer.succeed(
      PlatformHttpClient.HttpClient,
      PlatformHttpClient.make(() => Effect.dieMessage("the network was asked"))
    ))
  )

const start = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const simulator = yield* Simulator.make({ apiKeys: [key] })
  return { fs, path: `${yield* fs.makeTempDirectoryScoped()}/sessions.json`, simulator }
})

/** Runs a program while it is recorded, and once more from the file alone. */
const twice = <A, E>(program: Effect.Effect<A, E, DashScope.Services | Scope.Scope>) =>
  Effect.gen(function*() {
    const { fs, path, simulator } = yield* start
    const recorded = yield* Effect.provide(Effect.scoped(program), recording({ path, mode: "record" }, simulator))
    const replayed = yield* Effect.provide(Effect.scoped(program), replaying({ path }))
    return { path, recorded, replayed, simulator, text: yield* fs.readFileString(path) }
  })

/** Events without the ids of tasks, which are others each time, and with a sum of their audio. */
const told = (events: Iterable<SpeechSynthesizer.SpeechEvent>) =>
  Array.from(events, (event) => {
    switch (event._tag) {
      case "Audio":
        return [event.bytes.length, event.bytes.reduce((sum, byte, i) => sum + byte * i, 0)]
      case "Finished":
        return { ...event, taskIds: event.taskIds.length }
      default:
        return event
    }
  })

/** What a program dies of, whatever handles errors. */
const death = <A, E>(program: Effect.Effect<A, E, DashScope.Services | Scope.Scope>, options: Cassette.Options) =>
  program.pipe(
    Effect.scoped,
    Effect.catchAll(() => Effect.succeed("handled")),
    Effect.provide(replaying(options)),
    Effect.exit,
    Effect.map((exit) => Exit.isFailure(exit) ? Cause.squash(exit.cause) : assert.fail("it did not die"))
  )

const live = <E>(name: string, test: Effect.Effect<void, E, FileSystem.FileSystem | Scope.Scope>) =>
  it.scopedLive(name, () => Effect.provide(test, NodeFileSystem.layer))

describe("a cassette of WebSockets", () => {
  live(
    "replays tasks of speech and sessions as they were, without their ids and without the key",
    Effect.gen(function*() {
      const program = Effect.gen(function*() {
        // Three tasks at once, of which two begin alike.
        const spoken = yield* Effect.forEach(
          [["你好，", "世界。"], ["1+1?"], ["Good morning."]],
          (texts) => Effect.map(Stream.runCollect(say(...texts)), told),
          { concurrency: 3 }
        )
        const audio = yield* SpeechSynthesizer.synthesize({ ...speech, sampleRate: 16_000, text: "It is 20 degrees." })
        const heard = yield* Recognition.recognize(
          { model: "fun-asr-realtime", format: "pcm", sampleRate: 16_000 },
          audio.audio
        )
        const session = yield* Realtime.open({ model: "qwen3-omni-flash-realtime", turnDetection: null })
        yield* session.appendAudio(audio.audio)
        yield* session.commit
        yield* session.createResponse({ instructions: "Be brief." })
        yield* session.finish
        const answers = Array.from(yield* Stream.runCollect(session.events))
        return { spoken, heard, answers }
      })
      const { recorded, replayed, text } = yield* twice(program)
      assert.deepStrictEqual(replayed.spoken, recorded.spoken)
      assert.strictEqual(recorded.heard.text, "It is 20 degrees.")
      assert.deepStrictEqual(replayed.heard, recorded.heard)
      assert.strictEqual(recorded.answers.at(-1)?.type, "session.finished")
      assert.strictEqual(JSON.stringify(replayed.answers), JSON.stringify(recorded.answers))
      for (const secret of [key, "authorization", "bearer"]) assert.notInclude(text.toLowerCase(), secret)
      assert.include(text, "\"task_id\": \"<id 1>\"")
      assert.include(text, "\"text\": \"世界。\"")
    })
  )

  live(
    "replays refused handshakes, failed tasks and closed sockets",
    Effect.gen(function*() {
      const { path, simulator } = yield* start
      const behaving = (behavior: Behavior.Behavior) => ({ headers: Behavior.toHeaders(behavior) })
      const program = Effect.forEach([
        { apiKey: "sk-wrong-9876543210" },
        behaving({ socket: { failAfterEvents: 2 } }),
        behaving({ socket: { closeAfterEvents: 2, closeCode: 1011, closeReason: "gone" } })
      ], (options) => Effect.exit(Stream.runCollect(SpeechSynthesizer.stream(speech, Stream.make("Hello."), options))))
      const recorded = yield* Effect.provide(program, recording({ path, mode: "record" }, simulator))
      const replayed = yield* Effect.provide(program, replaying({ path }))
      const seen = (exits: ReadonlyArray<Exit.Exit<unknown, DashScopeError.DashScopeError>>) =>
        exits.map((exit) => {
          if (Exit.isSuccess(exit)) return assert.fail("no error")
          const error = Cause.squash(exit.cause)
          if (!DashScopeError.isDashScopeError(error)) throw error
          return { ...error, cause: undefined, origin: undefined, message: undefined, requestId: undefined }
        })
      assert.deepStrictEqual(seen(replayed), seen(recorded))
      assert.deepStrictEqual(seen(recorded).map(({ _tag }) => _tag), ["ApiError", "ApiError", "ConnectionError"])
    })
  )

  live(
    "ends a test that says or wants what was not recorded, whatever handles errors",
    Effect.gen(function*() {
      const { path } = yield* twice(Stream.runDrain(say("Hello.")))
      const other = yield* death(Stream.runDrain(say("Goodbye.")), { path })
      assert.instanceOf(other, Cassette.NotRecorded)
      assert.include(other.message, "Goodbye.")
      const voice = yield* death(
        Stream.runDrain(SpeechSynthesizer.stream({ ...speech, voice: "loongstella" }, Stream.make("Hello."))),
        { path }
      )
      assert.include(voice instanceof Error ? voice.message : "", "begins with what was sent")
      const again = yield* death(Effect.zipRight(Stream.runDrain(say("Hello.")), Stream.runDrain(say("Hello."))), {
        path
      })
      assert.include(again instanceof Error ? again.message : "", "1 sessions of it, and this is one more")
      const elsewhere = yield* death(
        Realtime.open({ model: "qwen3-omni-flash-realtime" }),
        { path }
      )
      assert.include(elsewhere instanceof Error ? elsewhere.message : "", "0 sessions")
    })
  )

  live(
    "of the mode auto records what is missing, and that alone",
    Effect.gen(function*() {
      const { path, simulator } = yield* twice(Stream.runDrain(say("Hello.")))
      const tasks = () => Effect.map(simulator.socketStats, ({ tasksFinished }) => tasksFinished)
      assert.strictEqual(yield* tasks(), 1)
      // The new one begins otherwise, and asks first.
      const program = Effect.zip(
        Stream.runCollect(SpeechSynthesizer.stream({ ...speech, voice: "loongstella" }, Stream.make("Goodbye."))),
        Stream.runCollect(say("Hello."))
      )
      const first = yield* Effect.provide(program, recording({ path, mode: "auto" }, simulator))
      assert.strictEqual(yield* tasks(), 2)
      const second = yield* Effect.provide(program, recording({ path, mode: "auto" }, simulator))
      assert.strictEqual(yield* tasks(), 2)
      assert.deepStrictEqual(second.map(told), first.map(told))
    })
  )

  live(
    "holds nobody up: a deadline passes, a task is given up, and without a pool it says what it needs",
    Effect.gen(function*() {
      const open = DuplexTask.open({
        model: "cosyvoice-v3-flash",
        taskGroup: "audio",
        task: "tts",
        function: "SpeechSynthesizer",
        parameters: { text_type: "PlainText", voice: "longanyang", format: "pcm" }
      })
      const { path } = yield* twice(Effect.gen(function*() {
        const task = yield* open
        yield* task.send({ text: "Hello." })
        yield* task.finish()
        return yield* Stream.runCount(task.events)
      }))
      // Nothing is sent on that the recording goes on from.
      const waiting = Effect.flatMap(open, (task) => Stream.runDrain(task.events))
      const late = yield* waiting.pipe(
        Effect.scoped,
        Effect.flip,
        Effect.provide(replaying({ path }, { timeout: "50 millis" }))
      )
      assert.deepInclude({ ...late }, { _tag: "RequestTimeout", phase: "total" })
      // Without one, it ends after a while all the same.
      const passing = Effect.forever(Effect.zipRight(TestClock.adjust("1 second"), Effect.promise(() => nextTurn())))
      const stuck = yield* Effect.raceFirst(death(waiting, { path }), passing).pipe(
        Effect.provide(TestContext.TestContext)
      )
      assert.include(stuck instanceof Error ? stuck.message : "", "continue-task")
      const head = Effect.gen(function*() {
        const task = yield* open
        yield* task.send({ text: "Hello." })
        yield* task.finish()
        return yield* Stream.runHead(task.events)
      })
      assert.isTrue(Option.isSome(yield* Effect.provide(Effect.scoped(head), replaying({ path }))))
      const noPool = yield* Effect.flip(
        Effect.provide(Effect.scoped(open), over({ path, mode: "record" }, "http://127.0.0.1:1/api/v1"))
      )
      assert.include(noPool.message, "HttpClient.layer")
    })
  )
})

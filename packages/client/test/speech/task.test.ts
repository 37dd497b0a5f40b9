import { assert, describe, it } from "@effect/vitest"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import type { Options } from "../../src/CallOptions.js"
import * as DashScope from "../../src/DashScope.js"
import * as DuplexTask from "../../src/DuplexTask.js"
import * as Generation from "../../src/Generation.js"
import { type Script, serveScript } from "../util/scriptedSocket.js"

const request: DuplexTask.DuplexTaskRequest = {
  model: "some-model",
  taskGroup: "audio",
  task: "tts",
  function: "SpeechSynthesizer",
  parameters: { voice: "a" }
}

const apiKey = "sk-0123456789abcdef"

/** Says back what it is told, in audio; counts characters. */
const echo: Script = {
  onMessage: (peer, { action, payload, taskId }) => {
    if (action === "run-task") return peer.event(taskId, "task-started")
    if (action === "finish-task") {
      return peer.event(taskId, "task-finished", {
        header: { attributes: { request_uuid: "r-1" } },
        payload: { usage: { characters: 3 } }
      })
    }
    peer.event(taskId, "result-generated", { payload: { output: { said: payload["input"] } } })
    peer.event(taskId, "something-new")
    peer.audio(Buffer.from(JSON.stringify(payload["input"])))
  },
  onAudio: (peer, bytes) => peer.audio(bytes)
}

const withClient = <A, E>(
  script: Script,
  use: (
    server: Effect.Effect.Success<ReturnType<typeof serveScript>>,
    pool: ConnectionPool.Service
  ) => Effect.Effect<A, E, DashScope.Services | Scope.Scope>,
  { config, ...options }: Options & { readonly config?: ConnectionConfig.Input } = {}
) =>
  Effect.gen(function*() {
    const server = yield* serveScript(script)
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 2, ...config }))
    const layer = DashScope.layerPool(pool, { apiKey, endpoint: server.url, retry: false, ...options })
    const result = yield* Effect.scoped(Effect.provide(use(server, pool), layer))
    const { active, waiting } = yield* pool.stats
    assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
    return result
  })

const tags = (events: Iterable<DuplexTask.DuplexTaskEvent>) => Array.from(events, ({ _tag }) => _tag)

const texts = (...said: ReadonlyArray<string>) => Stream.fromIterable(said.map((text) => ({ text })))

describe("a task over a WebSocket", () => {
  it.scopedLive("runs from its request to its end, and leaves its connection to the next", () =>
    withClient(echo, (server, pool) =>
      Effect.gen(function*() {
        const first = yield* Stream.runCollect(DuplexTask.run(request, texts("a", "b")))
        assert.deepStrictEqual(tags(first), ["Result", "Audio", "Result", "Audio", "Finished"])
        assert.deepStrictEqual(Chunk.unsafeLast(first), {
          _tag: "Finished",
          output: undefined,
          usage: { characters: 3 },
          requestId: "r-1"
        })
        yield* Stream.runDrain(DuplexTask.run(request, texts("c"), { finish: { directive: "stop" } }))
        const { handshakes, messages } = server.seen
        assert.strictEqual(handshakes.length, 1)
        assert.strictEqual(handshakes[0]?.url, "/api-ws/v1/inference")
        assert.strictEqual(handshakes[0]?.headers.authorization, `Bearer ${apiKey}`)
        assert.match(String(handshakes[0]?.headers["user-agent"]), /^effect-dashscope\//)
        assert.deepStrictEqual(messages.map(({ action, streaming }) => `${action} ${streaming}`), [
          "run-task duplex",
          "continue-task duplex",
          "continue-task duplex",
          "finish-task duplex",
          "run-task duplex",
          "continue-task duplex",
          "finish-task duplex"
        ])
        assert.deepStrictEqual(messages[0]?.payload, {
          task_group: "audio",
          task: "tts",
          function: "SpeechSynthesizer",
          model: "some-model",
          parameters: { voice: "a" },
          input: {}
        })
        assert.deepStrictEqual(messages[3]?.payload, { input: {} })
        assert.deepStrictEqual(messages[6]?.payload, { input: { directive: "stop" } })
        const [one, , , , other] = messages.map(({ taskId }) => taskId)
        assert.notStrictEqual(one, other)
        const { open, reused } = yield* pool.stats
        assert.deepStrictEqual({ open, reused }, { open: 1, reused: 1 })
      })))

  it.scopedLive("sends bytes as they are", () =>
    withClient(echo, () =>
      Effect.gen(function*() {
        const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3)]
        const events = yield* Stream.runCollect(DuplexTask.run(request, Stream.fromIterable(pieces)))
        const audio = Array.from(events).flatMap((event) => event._tag === "Audio" ? [...event.bytes] : [])
        assert.deepStrictEqual(audio, [1, 2, 3])
      })))

  it.scopedLive("of which all is in the request sends nothing more, and says what it knew at the start", () =>
    withClient({
      onMessage: (peer, { taskId }) => {
        peer.event(taskId, "task-started", { payload: { output: { dialog_id: "d" } } })
        peer.audio(Uint8Array.of(1))
        peer.event(taskId, "task-finished", { payload: { output: null, usage: null } })
      }
    }, (server) =>
      Effect.gen(function*() {
        const task = yield* DuplexTask.open({ ...request, streaming: "out", input: { text: "a" } })
        assert.deepStrictEqual(task.started, { dialog_id: "d" })
        assert.deepStrictEqual(tags(yield* Stream.runCollect(task.events)), ["Audio", "Finished"])
        assert.deepStrictEqual(server.seen.messages.map(({ action }) => action), ["run-task"])
        assert.deepStrictEqual(server.seen.messages[0]?.payload["input"], { text: "a" })
      })))

  it.scopedLive("that fails is an ApiError with its code, after what had come, and its connection is closed", () =>
    withClient({
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") return peer.event(taskId, "task-started")
        if (action === "finish-task") return
        peer.audio(Uint8Array.of(1))
        peer.event(taskId, "task-failed", {
          header: { error_code: "InvalidParameter", error_message: "[tts:]Engine return error code: 418" }
        })
      }
    }, (server) =>
      Effect.gen(function*() {
        const came: Array<string> = []
        const error = yield* DuplexTask.run(request, texts("a")).pipe(
          Stream.runForEach(({ _tag }) => Effect.sync(() => came.push(_tag))),
          Effect.flip
        )
        assert.deepStrictEqual(came, ["Audio"])
        assert.strictEqual(error._tag, "ApiError")
        if (error._tag !== "ApiError") return
        assert.strictEqual(error.code, "InvalidParameter")
        assert.strictEqual(error.reason, "InvalidRequest")
        assert.strictEqual(error.requestId, server.seen.messages[0]?.taskId)
        yield* server.waitFor(({ open }) => open === 0)
      })))

  it.scopedLive("whose service closes in its midst is truncated, with code and reason", () =>
    withClient({
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") return peer.event(taskId, "task-started")
        if (action === "continue-task") peer.audio(Uint8Array.of(1))
        if (action === "finish-task") peer.ws.close(1007, "Invalid payload data")
      }
    }, () =>
      Effect.gen(function*() {
        let came = 0
        const error = yield* DuplexTask.run(request, texts("a")).pipe(
          Stream.runForEach(() => Effect.sync(() => came++)),
          Effect.flip
        )
        assert.strictEqual(came, 1)
        assert.strictEqual(error._tag, "ConnectionError")
        if (error._tag !== "ConnectionError") return
        assert.strictEqual(error.reason, "Truncated")
        assert.include(error.description, "1007")
        assert.include(error.description, "Invalid payload data")
      })))

  it.scopedLive("takes neither what is no message of the protocol, nor what is another task's", () =>
    Effect.forEach(
      [
        (peer: { ws: { send: (text: string) => void } }) => peer.ws.send("<html>"),
        (peer: { ws: { send: (text: string) => void } }) =>
          peer.ws.send(JSON.stringify({ header: { event: "result-generated", task_id: "other" }, payload: {} }))
      ],
      (misbehave) =>
        withClient({
          onMessage: (peer, { action, taskId }) => {
            if (action === "run-task") return peer.event(taskId, "task-started")
            misbehave(peer)
          }
        }, () =>
          Effect.gen(function*() {
            const error = yield* Effect.flip(Stream.runDrain(DuplexTask.run(request, texts("a"))))
            assert.strictEqual(error._tag === "ApiError" ? error.reason : error._tag, "UnexpectedResponse")
          }))
    ))

  it.scopedLive("whose input fails, fails so, at once", () =>
    withClient(echo, (server) =>
      Effect.gen(function*() {
        const input = Stream.concat(texts("a"), Stream.fail("the model's answer broke off" as const))
        const error = yield* Effect.flip(Stream.runDrain(DuplexTask.run(request, input)))
        assert.strictEqual(error, "the model's answer broke off")
        yield* server.waitFor(({ open }) => open === 0)
      })))

  it.scopedLive("that nobody wants any more frees its connection", () =>
    withClient(echo, (server) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(Stream.take(DuplexTask.run(request, Stream.concat(texts("a"), Stream.never)), 1))
        yield* server.waitFor(({ open }) => open === 0)
        const came = yield* Deferred.make<void>()
        const fiber = yield* DuplexTask.run(request, Stream.concat(texts("b"), Stream.never)).pipe(
          Stream.runForEach(() => Deferred.succeed(came, undefined)),
          Effect.fork
        )
        yield* Deferred.await(came)
        yield* Fiber.interrupt(fiber)
        yield* server.waitFor(({ open }) => open === 0)
      })))

  it.scopedLive("ends with its last event: what comes after that is nobody's, and its connection is closed", () =>
    withClient({
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") return peer.event(taskId, "task-started")
        if (action !== "finish-task") return
        // In one packet.
        peer.socket.cork()
        peer.audio(Uint8Array.of(1))
        peer.event(taskId, "task-finished")
        peer.audio(Uint8Array.of(2))
        peer.socket.uncork()
      }
    }, (server) =>
      Effect.gen(function*() {
        for (const text of ["a", "b"]) {
          const events = yield* Stream.runCollect(DuplexTask.run(request, texts(text)))
          assert.deepStrictEqual(tags(events), ["Audio", "Finished"])
          yield* server.waitFor(({ open }) => open === 0)
        }
        assert.strictEqual(server.seen.handshakes.length, 2)
      })))

  it.scopedLive("that its service ends before its input did leaves nothing to the next", () =>
    withClient({
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") return peer.event(taskId, "task-started")
        if (action === "continue-task") peer.event(taskId, "task-finished")
      }
    }, (server) =>
      Effect.gen(function*() {
        const events = yield* Stream.runCollect(DuplexTask.run(request, Stream.concat(texts("a"), Stream.never)))
        assert.deepStrictEqual(tags(events), ["Finished"])
        yield* server.waitFor(({ open }) => open === 0)
      })))
})

describe("the opening of a task", () => {
  it.scopedLive("replaces a connection that was closed while it was kept", () => {
    let tasks = 0
    return withClient({
      onMessage: (peer, message) => {
        // The second task comes over a connection that is just being closed.
        if (message.action === "run-task" && ++tasks === 2) return peer.ws.terminate()
        echo.onMessage?.(peer, message)
      }
    }, (server) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(DuplexTask.run(request, texts("a")))
        yield* Stream.runDrain(DuplexTask.run(request, texts("b")))
        assert.strictEqual(server.seen.handshakes.length, 2)
        assert.strictEqual(tasks, 3)
      }))
  })

  it.scopedLive("is tried again by the policy of retries, until the service has started it", () => {
    let tasks = 0
    return withClient(
      {
        onMessage: (peer, message) => {
          if (message.action === "run-task" && ++tasks < 3) {
            return peer.event(message.taskId, "task-failed", {
              header: { error_code: "Throttling.RateQuota", error_message: "slower" }
            })
          }
          echo.onMessage?.(peer, message)
        }
      },
      (server) =>
        Effect.gen(function*() {
          yield* Stream.runDrain(DuplexTask.run(request, texts("a")))
          assert.strictEqual(tasks, 3)
          assert.strictEqual(server.seen.handshakes.length, 3)
        }),
      { retry: { maxRetries: 2, baseDelay: "1 millis" } }
    )
  })

  it.scopedLive("refused is the ApiError that HTTP would give, without the key", () =>
    withClient(
      {
        refuse: {
          status: 401,
          headers: { "x-request-id": "r-7" },
          body: JSON.stringify({ code: "InvalidApiKey", message: `Invalid API-key ${apiKey} provided.` })
        }
      },
      () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Stream.runDrain(DuplexTask.run(request, texts("a"))))
          assert.strictEqual(error._tag, "ApiError")
          if (error._tag !== "ApiError") return
          assert.strictEqual(error.reason, "Authentication")
          assert.strictEqual(error.statusCode, 401)
          assert.strictEqual(error.code, "InvalidApiKey")
          assert.strictEqual(error.requestId, "r-7")
          assert.notInclude(inspect(error, { depth: 9 }), apiKey)
        })
    ))

  it.scopedLive("waits in the queue of the pool, with the requests", () =>
    withClient(
      echo,
      (_, pool) =>
        Effect.gen(function*() {
          const holding = yield* Scope.make()
          yield* Scope.extend(DuplexTask.open(request), holding)
          const fiber = yield* Effect.fork(Stream.runDrain(DuplexTask.run(request, texts("a"))))
          const asking = yield* Effect.fork(Generation.call({ model: "m", prompt: "p" }))
          // Both wait for the one connection.
          yield* Effect.repeat(pool.stats, {
            until: ({ waiting }) => waiting === 2,
            schedule: Schedule.spaced("2 millis")
          })
          yield* Fiber.interrupt(asking)
          assert.strictEqual((yield* pool.stats).waiting, 1)
          yield* Scope.close(holding, Exit.void)
          yield* Fiber.join(fiber)
        }),
      { config: { connectionPoolSize: 1 } }
    ))

  it.scopedLive("with nothing to say is refused before anything is sent", () =>
    withClient(echo, (server) =>
      Effect.gen(function*() {
        for (const [field, wrong] of Object.entries({ model: "", taskGroup: "", task: "", function: "" })) {
          const error = yield* Effect.flip(Stream.runDrain(DuplexTask.run({ ...request, [field]: wrong })))
          assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, field)
        }
        assert.strictEqual(server.seen.handshakes.length, 0)
      })))
})

describe("the deadlines of a task", () => {
  const silent: Script = {
    onMessage: (peer, { action, taskId }) => {
      if (action === "run-task") return peer.event(taskId, "task-started")
      if (action === "continue-task") peer.audio(Uint8Array.of(1))
    }
  }
  const phaseOf = (
    options: DuplexTask.DuplexTaskOptions,
    input: Stream.Stream<DuplexTask.DuplexTaskInput>,
    script = silent
  ) =>
    withClient(script, (server) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Stream.runDrain(DuplexTask.run(request, input, options)))
        yield* server.waitFor(({ open }) => open === 0)
        return error._tag === "RequestTimeout" ? error.phase : error._tag
      }))
  const mute: Script = {
    onMessage: (peer, { action, taskId }) => {
      if (action === "run-task") peer.event(taskId, "task-started")
    }
  }
  const long = "100 seconds"

  it.scopedLive("each fires alone", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* phaseOf({ timeout: "50 millis", firstContentTimeout: long, contentTimeout: long }, texts("a")),
        "total"
      )
      assert.strictEqual(
        yield* phaseOf({ timeout: long, firstContentTimeout: "50 millis", contentTimeout: long }, texts("a"), mute),
        "firstContent"
      )
      assert.strictEqual(
        yield* phaseOf({ timeout: long, firstContentTimeout: long, contentTimeout: "50 millis" }, texts("a")),
        "content"
      )
    }))

  it.scopedLive("those of content do not count what this side does not say", () =>
    Effect.gen(function*() {
      // Nothing was sent yet, and later not all: only the whole can be too long.
      assert.strictEqual(
        yield* phaseOf(
          { timeout: "150 millis", firstContentTimeout: "20 millis", contentTimeout: "20 millis" },
          Stream.never
        ),
        "total"
      )
      assert.strictEqual(
        yield* phaseOf(
          { timeout: "150 millis", firstContentTimeout: long, contentTimeout: "20 millis" },
          Stream.concat(texts("a"), Stream.never)
        ),
        "total"
      )
    }))
})

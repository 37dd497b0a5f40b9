/** Bodies whose source is code of others, which may do anything. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as FastCheck from "effect/FastCheck"
import { Readable } from "node:stream"
import { casesOf } from "../../../../scripts/thorough.js"
import { reasonOf } from "../util/platform.js"
import { answerOf, onRequests, serve } from "../util/rawServer.js"
import { assertAllBack, makePool } from "../util/support.js"

const piece = Buffer.from("abc")
const never = new Promise<never>(() => {})
const thrown = new Error("by the source")

const nexts = {
  "an element": () => Promise.resolve({ done: false, value: piece }),
  "an element, not as a promise": () => ({ done: false, value: piece }),
  "an empty element": () => Promise.resolve({ done: false, value: Buffer.alloc(0) }),
  "a text": () => Promise.resolve({ done: false, value: "abc" }),
  "the end": () => Promise.resolve({ done: true, value: undefined }),
  "nothing": () => undefined,
  "no object": () => Promise.resolve(7),
  "a promise that is never kept": () => never,
  "a rejection": () => Promise.reject(thrown),
  "a rejection with a text": () => Promise.resolve().then(() => Promise.reject(new TypeError("text"))),
  "a thenable that throws": () => ({
    then: () => {
      throw thrown
    }
  }),
  "an error": () => {
    throw thrown
  }
}

const returns = {
  "none": undefined,
  "a promise": () => Promise.resolve({ done: true, value: undefined }),
  "an object": () => ({ done: true, value: undefined }),
  "nothing": () => undefined,
  "a promise that is never kept": () => never,
  "a rejection": () => Promise.reject(thrown),
  "an error": () => {
    throw thrown
  }
}

type Next = keyof typeof nexts
type Return = keyof typeof returns

const nextNames = Object.keys(nexts) as ReadonlyArray<Next>
const returnNames = Object.keys(returns) as ReadonlyArray<Return>

/** Gives those, one after another, and the last for ever. */
const sourceOf = (steps: ReadonlyArray<Next>, last: Next, onReturn: Return): unknown => ({
  [Symbol.asyncIterator]: () => {
    let step = 0
    return {
      next: () => nexts[steps[step++] ?? last](),
      ...(returns[onReturn] === undefined ? undefined : { return: returns[onReturn] })
    }
  }
})

const post = (origin: string, body: unknown) =>
  HttpClientRequest.post(origin).pipe(HttpClientRequest.setBody(HttpBody.raw(body)))

describe("a body's source that misbehaves", () => {
  const servers = {
    silent: serve((socket) => void socket.resume()),
    early: serve((socket) => void socket.once("data", () => socket.write(answerOf("early")))),
    proper: serve((socket) => onRequests(socket, () => socket.write(answerOf("proper")))),
    closing: serve((socket) => void socket.once("data", () => socket.destroy()))
  }
  const samples = FastCheck.sample(
    FastCheck.record({
      steps: FastCheck.array(FastCheck.constantFrom(...nextNames), { maxLength: 3 }),
      // What never ends by itself has to be interrupted.
      last: FastCheck.constantFrom(...nextNames),
      onReturn: FastCheck.constantFrom(...returnNames)
    }),
    { numRuns: casesOf(40, 0.25), seed: 11 }
  )
  for (const [name, server] of Object.entries(servers)) {
    it.scopedLive(`costs its own request and nothing else: ${name} server`, () =>
      Effect.gen(function*() {
        const crashes: Array<unknown> = []
        const onCrash = (error: unknown) => void crashes.push(error)
        process.on("uncaughtException", onCrash).on("unhandledRejection", onCrash)
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => process.off("uncaughtException", onCrash).off("unhandledRejection", onCrash))
        )
        const origin = yield* server
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        const table = returnNames.flatMap((onReturn) => nextNames.map((last) => ({ steps: [], last, onReturn })))
        for (const { last, onReturn, steps } of [...table, ...samples]) {
          const request = post(origin, sourceOf(steps, last, onReturn))
          const fiber = yield* Effect.fork(
            Effect.exit(Effect.flatMap(client.execute(request), (response) => response.text))
          )
          yield* Effect.raceFirst(Fiber.await(fiber), Effect.sleep("5 millis"))
          yield* Fiber.interrupt(fiber)
          assertAllBack(yield* stats)
        }
        yield* Effect.sleep("5 millis")
        assert.deepStrictEqual(crashes, [])
      }), 60_000)
  }
})

describe("a body that can be read once", () => {
  const sources: Readonly<Record<string, () => unknown>> = {
    "a generator": () =>
      (async function*() {
        yield* [piece]
        yield* await Promise.resolve([])
      })(),
    "a web stream": () => new Blob(["abc"]).stream(),
    "a Node stream": () => Readable.from([piece])
  }
  for (const [name, make] of Object.entries(sources)) {
    it.scopedLive(`is not sent again with nothing: ${name}`, () =>
      Effect.gen(function*() {
        const bodies: Array<string> = []
        const origin = yield* serve((socket) =>
          onRequests(socket, ({ body }) => {
            bodies.push(body.toString())
            socket.write(answerOf("ok"))
          })
        )
        const { client, stats } = yield* makePool()
        const request = post(origin, make())
        yield* Effect.flatMap(client.execute(request), (response) => response.text)
        const error = yield* Effect.flip(client.execute(request))
        assert.strictEqual(reasonOf(error), "Encode")
        assert.include(String(error.cause), "only once")
        assert.lengthOf(bodies, 1)
        assert.include(bodies[0], "abc")
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("is refused where somebody else reads it", () =>
    Effect.gen(function*() {
      const locked = new ReadableStream()
      locked.getReader()
      const { client } = yield* makePool()
      const error = yield* Effect.flip(client.execute(post("http://127.0.0.1:1", locked)))
      assert.strictEqual(reasonOf(error), "Encode")
    }))
})

import { Headers } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import type { Either } from "effect"
import { Cause, Effect, Exit } from "effect"
import type { Envelope } from "../../src/Envelope.js"
import { type Answer, Operations } from "../../src/internal/operation/observe.js"
import { metricsOf, recordSpans } from "../util/recorder.js"

const broken = new Error("what was read is broken")

const readBroken = (): Either.Either<Answer, never> => {
  throw broken
}

const answered = Effect.succeed<Envelope>({
  status: 200,
  headers: Headers.empty,
  body: {},
  output: undefined,
  usage: undefined,
  requestId: undefined,
  header: () => undefined
})

const operationsOf = (operation: string) =>
  new Operations<void, Answer>("https://example.com", { operation, modelOf: () => undefined, usageOf: () => undefined })

/** By how they ended. */
const endsOf = (operation: string) =>
  Effect.map(
    metricsOf("gen_ai.operation.name", operation),
    (metrics) =>
      metrics.filter(({ kind }) => kind === "histogram").map(({ count, labels }) => [labels["error.type"], count])
  )

describe("an answer that is read by code that throws", () => {
  it.effect("ends its operation as a defect, counted once", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(operationsOf("throws").call(undefined, answered, readBroken))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      const ends = yield* endsOf("throws")
      assert.strictEqual(ends.length, 1)
      assert.strictEqual(ends[0]?.[1], 1)
      assert.isString(ends[0]?.[0])
    }))

  it.effect("ends its span too", () =>
    Effect.gen(function*() {
      const { layer, spans } = recordSpans()
      yield* operationsOf("throws, traced").call(undefined, answered, readBroken).pipe(
        Effect.exit,
        Effect.withSpan("test"),
        Effect.provide(layer)
      )
      const span = spans.find(({ name }) => name === "throws, traced")
      assert.deepStrictEqual(span?.ends.map(({ exit }) => Exit.isFailure(exit) && Cause.isDie(exit.cause)), [true])
    }))
})

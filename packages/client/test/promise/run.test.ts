import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { adapt, iterable, promise, streamOf } from "../../src/promise/run.js"

const runtime = Runtime.defaultRuntime

/** Counts what is taken of it, and that it was closed. */
const counted = (length: number) => {
  const seen = { taken: 0, closed: 0 }
  const stream = Stream.range(1, length).pipe(
    Stream.rechunk(1),
    Stream.tap(() => Effect.sync(() => seen.taken++)),
    Stream.ensuring(Effect.sync(() => seen.closed++))
  )
  return { seen, stream }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => assert.fail("was resolved"), (error: unknown) => error)

describe("an iteration", () => {
  it("takes an element only when it is asked for one", async () => {
    const { seen, stream } = counted(3)
    const iterator = iterable(runtime, stream)[Symbol.asyncIterator]()
    await turn()
    assert.deepStrictEqual(seen, { taken: 0, closed: 0 })
    for (const value of [1, 2, 3]) {
      assert.deepStrictEqual(await iterator.next(), { done: false, value })
      await turn()
      assert.deepStrictEqual(seen, { taken: value, closed: 0 })
    }
    assert.deepStrictEqual(await iterator.next(), { done: true, value: undefined })
    assert.deepStrictEqual(seen, { taken: 3, closed: 1 })
  })

  it("is closed when the loop is left, and runs anew in another loop", async () => {
    const { seen, stream } = counted(3)
    const elements = iterable(runtime, stream)
    for await (const element of elements) if (element === 2) break
    assert.deepStrictEqual(seen, { taken: 2, closed: 1 })
    const all: Array<number> = []
    for await (const element of elements) all.push(element)
    assert.deepStrictEqual(all, [1, 2, 3])
    assert.strictEqual(seen.closed, 2)
  })

  it("ends what waits where the stream fails, the first with the error", async () => {
    const failing = Stream.concat(Stream.make(1), Stream.fail("no more"))
    const iterator = iterable(runtime, failing)[Symbol.asyncIterator]()
    const [first, second, third] = await Promise.allSettled([iterator.next(), iterator.next(), iterator.next()])
    assert.deepStrictEqual(first, { status: "fulfilled", value: { done: false, value: 1 } })
    assert.deepStrictEqual(second, { status: "rejected", reason: "no more" })
    assert.deepStrictEqual(third, { status: "fulfilled", value: { done: true, value: undefined } })
  })

  it("of a left loop ends what still waits", async () => {
    const iterator = iterable(runtime, Stream.never)[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await iterator.return?.()
    assert.deepStrictEqual(await waiting, { done: true, value: undefined })
  })

  it("over elements of a program is a stream of them, and fails with what the program throws", async () => {
    const mine = new Error("mine")
    const elements = async function*() {
      yield await Promise.resolve(1)
      throw mine
    }
    assert.deepStrictEqual(Array.from(await Effect.runPromise(Stream.runCollect(streamOf([1, 2])))), [1, 2])
    assert.strictEqual(await Effect.runPromise(Effect.flip(Stream.runDrain(streamOf(elements())))), mine)
    assert.deepStrictEqual(Array.from(await Effect.runPromise(Stream.runCollect(streamOf("text")))), ["text"])
  })

  it("over elements of a program ends the generator with the stream, and waits for its end unless the generator waits", async () => {
    const ended: Array<string> = []
    const elements = async function*(waitsFor: Promise<void>) {
      try {
        yield 1
        await waitsFor
        yield 2
      } finally {
        await turn()
        ended.push("ended")
      }
    }
    for await (const _ of iterable(runtime, streamOf(elements(Promise.resolve())))) break
    assert.deepStrictEqual(ended, ["ended"])
    let goOn: () => void = () => {}
    const iterator = iterable(runtime, streamOf(elements(new Promise((resolve) => goOn = resolve))))[
      Symbol.asyncIterator
    ]()
    await iterator.next()
    const waiting = iterator.next()
    await turn()
    await iterator.return?.()
    assert.deepStrictEqual(await waiting, { done: true, value: undefined })
    assert.deepStrictEqual(ended, ["ended"])
    goOn()
    while (ended.length < 2) await turn()
  })
})

describe("a promise", () => {
  it("is rejected with the failure, with the defect, or with the reason of an abort, and waits for the finalizers", async () => {
    assert.strictEqual(await rejected(promise(runtime, Effect.fail("failure"))), "failure")
    const defect = new Error("defect")
    assert.strictEqual(await rejected(promise(runtime, Effect.die(defect))), defect)
    const controller = new AbortController()
    let released = false
    const slow = Effect.onInterrupt(Effect.never, () => Effect.map(Effect.yieldNow(), () => released = true))
    const waiting = rejected(promise(runtime, slow, controller.signal))
    controller.abort("enough")
    assert.strictEqual(await waiting, "enough")
    assert.isTrue(released)
  })
})

describe("functions", () => {
  it("are told of progress, and wait for who is told", async () => {
    const { load } = adapt(runtime, {
      load: (options: { readonly onProgress?: (done: number) => Effect.Effect<void> }) =>
        Effect.as(options.onProgress?.(1) ?? Effect.void, "loaded")
    })
    const seen: Array<string> = []
    const loaded = await load({
      onProgress: async (done) => {
        await turn()
        seen.push(`progress ${done}`)
      }
    })
    seen.push(loaded)
    assert.deepStrictEqual(seen, ["progress 1", "loaded"])
  })
})

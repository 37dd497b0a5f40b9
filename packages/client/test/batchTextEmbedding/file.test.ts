import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { gzipSync } from "node:zlib"
import { casesOf } from "../../../../scripts/thorough.js"
import { gunzip } from "../../src/internal/batchTextEmbedding/gunzip.js"
import { rowOf } from "../../src/internal/batchTextEmbedding/rows.js"

const bytes = FastCheck.uint8Array({ maxLength: 5000 })
const cuts = FastCheck.array(FastCheck.integer({ min: 1, max: 700 }), { maxLength: 30 })

const few = { fastCheck: { numRuns: casesOf(100) } }

const piecesOf = (whole: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  let at = 0
  for (const size of sizes) {
    pieces.push(whole.subarray(at, at + size))
    at += size
  }
  return [...pieces, whole.subarray(at)]
}

const undone = (pieces: ReadonlyArray<Uint8Array>) =>
  Effect.map(
    Stream.runCollect(gunzip(Stream.fromIterable(pieces), () => "damaged" as const)),
    (pieces) => Buffer.concat(Chunk.toReadonlyArray(pieces))
  )

describe("a compressed file", () => {
  it.effect.prop("is the same however it is cut", [bytes, cuts], ([whole, sizes]) =>
    Effect.gen(function*() {
      assert.isTrue((yield* undone(piecesOf(gzipSync(whole), sizes))).equals(whole))
    }), few)

  it.effect.prop("that is none is as it is", [bytes, cuts], ([whole, sizes]) =>
    Effect.gen(function*() {
      if (whole[0] === 0x1f && whole[1] === 0x8b) return
      assert.isTrue((yield* undone(piecesOf(whole, sizes))).equals(whole))
    }), few)

  it.effect("that is damaged, or ends too soon, is an error", () =>
    Effect.gen(function*() {
      const whole = gzipSync(Buffer.from("a b c ".repeat(1000)))
      assert.strictEqual(yield* Effect.flip(undone([whole.subarray(0, whole.length - 9)])), "damaged")
      const spoilt = Uint8Array.from(whole)
      spoilt.fill(255, 10, 20)
      assert.strictEqual(yield* Effect.flip(undone([spoilt])), "damaged")
    }))

  it.effect("that breaks off has the error of what broke it", () =>
    Effect.gen(function*() {
      const whole = gzipSync(Buffer.alloc(100_000, "text"))
      const broken = Stream.concat(Stream.make(whole.subarray(0, 50)), Stream.fail("broken" as const))
      assert.strictEqual(yield* Effect.flip(Stream.runDrain(gunzip(broken, () => "damaged" as const))), "broken")
    }))

  it.live("is left when its reader leaves", () =>
    Effect.gen(function*() {
      let closed = 0
      const endless = Stream.succeed(new Uint8Array(gzipSync(Buffer.alloc(1000)).subarray(0, 12))).pipe(
        Stream.forever,
        Stream.ensuring(Effect.sync(() => closed++))
      )
      const start = Stream.make(gzipSync(Buffer.alloc(5_000_000, "text")).subarray(0, 3000))
      const read = gunzip(Stream.concat(start, Stream.zipRight(endless, Stream.never)), () => "damaged" as const)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(read, 1)), 1)
      const fiber = yield* Effect.fork(Stream.runDrain(read))
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(fiber)
    }))
})

describe("a line of vectors", () => {
  it("has a vector, at its place", () => {
    const row = Either.getOrThrow(
      rowOf("{\"output\":{\"code\":200,\"text_index\":7,\"embedding\":[0.5,-1],\"message\":\"\"}}", 3)
    )
    assert.deepStrictEqual([row.index, row.embedding], [7, Either.right([0.5, -1])])
    assert.deepInclude(row.row, { code: 200, text_index: 7 })
    // Without the frame, and without a number of its own.
    const plain = Either.getOrThrow(rowOf("{\"embedding\":[1],\"x_new\":true}", 3))
    assert.deepStrictEqual(plain, { index: 3, embedding: Either.right([1]), row: { embedding: [1], x_new: true } })
  })

  it("or an error of a class", () => {
    const lines: ReadonlyArray<readonly [line: string, code: string, reason: string]> = [
      [
        "{\"output\":{\"code\":\"DataInspectionFailed\",\"text_index\":1,\"message\":\"m\"}}",
        "DataInspectionFailed",
        "ContentFiltered"
      ],
      ["{\"code\":\"InvalidParameter\",\"message\":\"too long\"}", "InvalidParameter", "InvalidRequest"],
      ["{\"output\":{\"code\":400,\"text_index\":1,\"embedding\":[],\"message\":\"m\"}}", "", "InvalidRequest"],
      ["{\"output\":{\"code\":500,\"embedding\":null}}", "", "Server"]
    ]
    for (const [line, code, reason] of lines) {
      const { embedding } = Either.getOrThrow(rowOf(line, 1))
      assert.deepInclude({ ...Either.getLeft(embedding).pipe((left) => left._tag === "Some" ? left.value : {}) }, {
        code,
        reason
      })
    }
  })

  it("or is no line of such a file", () => {
    for (const line of ["", "null", "[1]", "{", "{}", "{\"embedding\":\"x\"}", "{\"embedding\":[\"x\"]}"]) {
      const error = Either.getLeft(rowOf(line, 4))
      assert.strictEqual(error._tag === "Some" ? error.value.reason : "", "UnexpectedResponse", line)
      assert.match(error._tag === "Some" ? error.value.message : "", /line 4/)
    }
  })
})

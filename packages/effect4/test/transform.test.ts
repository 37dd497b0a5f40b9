import { describe, expect, it } from "@effect/vitest"
import { transform } from "../src/transform.js"

const counterparts = (module: string) => `./effect/${module}.js`

/** Code with the imports that it wants in Effect 3, and the same in Effect 4. */
const cases: ReadonlyArray<readonly [name: string, before: string, after: string]> = [
  [
    "a module that moved",
    `import * as HttpClient from "@effect/platform/HttpClient"\nHttpClient.make(f)\n`,
    `import * as HttpClient from "effect/http/HttpClient"\nHttpClient.make(f)\n`
  ],
  [
    "a name that changed",
    `import * as Effect from "effect/Effect"\nEffect.catchAll(Effect.fork(a), f)\n`,
    `import * as Effect from "effect/Effect"\nEffect.catch(Effect.forkChild(a), f)\n`
  ],
  [
    "modules of a barrel that it does not have in Effect 4",
    `import { Effect, TestClock } from "effect"\nimport { Either } from "effect"\nEffect.either(a)\n`,
    `import * as TestClock from "effect/testing/TestClock"\nimport { Effect } from "effect"\n` +
    `import * as Either from "effect/Result"\nEffect.result(a)\n`
  ],
  [
    "a module of which ours has the signatures of Effect 3",
    `import { it } from "@effect/vitest"\nit.scopedLive("does", f)\n`,
    `import { it } from "./effect/Vitest.js"\nit.scopedLive("does", f)\n`
  ],
  [
    "a member that moved to another module",
    `import * as Effect from "effect/Effect"\nconst s = Effect.makeSemaphore(1)\n`,
    `import * as Semaphore from "effect/Semaphore"\nconst s = Semaphore.make(1)\n`
  ],
  [
    "a module that has a counterpart",
    `import * as Chunk from "effect/Chunk"\nChunk.of(a)\n`,
    `import * as Chunk from "./effect/Chunk.js"\nChunk.of(a)\n`
  ],
  [
    "a module that has a counterpart, of a barrel",
    `import { Chunk, Effect } from "effect"\nEffect.succeed(Chunk.of(a))\n`,
    `import * as Chunk from "./effect/Chunk.js"\nimport { Effect } from "effect"\nEffect.succeed(Chunk.of(a))\n`
  ],
  [
    "Either",
    `import * as Either from "effect/Either"\nEither.isLeft(e) ? e.left : Either.right(e.right)\n`,
    `import * as Either from "effect/Result"\nEither.isFailure(e) ? e.failure : Either.succeed(e.success)\n`
  ],
  [
    "an effect that takes nothing any more",
    `import * as Effect from "effect/Effect"\nEffect.repeatForever(Effect.yieldNow())\n`,
    `import * as Effect from "effect/Effect"\nEffect.repeatForever(Effect.yieldNow)\n`
  ],
  [
    "a generator with a self",
    `import * as Effect from "effect/Effect"\nEffect.gen(this, function*() {})\n`,
    `import * as Effect from "effect/Effect"\nEffect.gen({ self: this }, function*() {})\n`
  ],
  [
    "methods of services and fibers",
    `while (fiber.unsafePoll() === null) now = clock.unsafeCurrentTimeMillis()\n`,
    `while ((fiber.pollUnsafe() ?? null) === null) now = clock.currentTimeMillisUnsafe()\n`
  ],
  [
    "schemas that take lists",
    `import * as Schema from "effect/Schema"\nSchema.Union(Schema.Literal("a", "b"), Schema.Record({ key: Schema.String, value: A }))\n`,
    `import * as Schema from "effect/Schema"\nSchema.Union([Schema.Literals(["a", "b"]), Schema.Record(Schema.String, A)])\n`
  ],
  [
    "what unknown keys are kept by",
    `A.annotations({ identifier: "A", ...preserve })\nB.annotations(preserve)\nC.annotations({ title: "C" })\nD.annotations(result)\n`,
    `A.pipe(preserve({ identifier: "A" }))\nB.pipe(preserve({}))\nC.annotate({ title: "C" })\nD.annotations(result)\n`
  ],
  [
    "types of schemas",
    `import * as Schema from "effect/Schema"\ntype A = [Schema.Schema<B, C>, Schema.Schema<B, C, R>, Schema.Schema.Any, Schema.Schema.Encoded<D>, Schema.Schema.Context<D>]\n`,
    `import * as Schema from "effect/Schema"\ntype A = [Schema.Codec<B, C>, Schema.Codec<B, C, R, R>, Schema.Top, Schema.Codec.Encoded<D>, (Schema.Codec.DecodingServices<D> | Schema.Codec.EncodingServices<D>)]\n`
  ],
  [
    "a service",
    `import * as Context from "effect/Context"\nclass S extends Context.Tag("s")<S, Shape>() {}\n`,
    `import * as Context from "effect/Context"\nclass S extends Context.Service<S, Shape>()("s") {}\n`
  ],
  [
    "a service that has a default",
    `import * as Context from "effect/Context"\nclass R extends Context.Reference<R>()("r", { defaultValue: () => 0 }) {}\n`,
    `import * as Context from "effect/Context"\nclass R extends Context.Reference("r", { defaultValue: () => 0 }) {}\n`
  ],
  [
    "the types of a tag",
    `import type * as Context from "effect/Context"\ntype A = [Context.Tag<I, S>, Context.Tag.Service<T>, Context.Tag.Identifier<T>]\n`,
    `import type * as Context from "effect/Context"\ntype A = [Context.Key<I, S>, Context.Service.Shape<T>, Context.Service.Identifier<T>]\n`
  ],
  [
    "a class that does not check what it is made of",
    `new Tool.TooManyRounds({ calls }, true)\nnew Uint8Array(true)\n`,
    `new Tool.TooManyRounds({ calls }, { disableChecks: true })\nnew Uint8Array(true)\n`
  ],
  [
    "a span without a stack trace",
    `import * as Effect from "effect/Effect"\nEffect.makeSpan("a", { captureStackTrace: false, kind })\nEffect.withSpan("a", { captureStackTrace: false })\n`,
    `import * as Effect from "effect/Effect"\nEffect.makeSpan("a", { kind })\nEffect.withSpan("a", { captureStackTrace: false })\n`
  ],
  [
    "what a fiber knows",
    `const seen = fiber.currentSpan ?? Context.get(fiber.currentContext, fiber.getFiberRef(ref))\nfiber.id().id\n`,
    `const seen = fiber.cache.span ?? Context.get(fiber.context, fiber.getRef(ref))\nfiber.id\n`
  ],
  [
    "a fiber ref of the whole process",
    `import * as FiberRef from "effect/FiberRef"\nimport { globalValue } from "effect/GlobalValue"\n` +
    `const current: FiberRef.FiberRef<A> = globalValue("a", () => FiberRef.unsafeMake<A>(one))\n`,
    `import * as Context from "effect/Context"\nimport { globalValue } from "./effect/GlobalValue.js"\n` +
    `const current: Context.Reference<A> = globalValue("a", () => Context.Reference<A>("a", { defaultValue: () => one }))\n`
  ],
  [
    "the types of an effect",
    `import type * as Effect from "effect/Effect"\ntype A = Effect.Effect.Success<typeof made>\n`,
    `import type * as Effect from "effect/Effect"\ntype A = Effect.Success<typeof made>\n`
  ],
  [
    "a span that is made by hand",
    `const span = { _tag: "Span", context, links }\n`,
    `const span = { _tag: "Span", annotations: context, links }\n`
  ],
  [
    "a deferred",
    `import * as Deferred from "effect/Deferred"\nimport * as FiberId from "effect/FiberId"\n` +
    `const done = Deferred.unsafeMake<void>(FiberId.none)\n`,
    `import * as Deferred from "effect/Deferred"\nconst done = Deferred.makeUnsafe<void>()\n`
  ],
  [
    "the parameters of a tool",
    `import * as AiTool from "@effect/ai/Tool"\nimport * as Schema from "effect/Schema"\nAiTool.make("t", { parameters: { a: Schema.String } })\n`,
    `import * as AiTool from "effect/ai/Tool"\nimport * as Schema from "effect/Schema"\nAiTool.make("t", { parameters: Schema.Struct({ a: Schema.String }) })\n`
  ],
  [
    "a docstring",
    "/**\n * Of `@effect/ai`, not `@effect/ai-openai`.\n *\n * @example\n * import { Effect } from \"effect\"\n *\n * Effect.fork(a)\n *\n * @since 0.1.0\n */\n",
    "/**\n * Of `effect/ai`, not `@effect/ai-openai`.\n *\n * @example\n * import { Effect } from \"effect\"\n *\n * Effect.forkChild(a)\n *\n * @since 0.1.0\n */\n"
  ]
]

describe("transform", () => {
  it.each(cases)("%s", (_, before, after) => {
    expect(transform(before, "file.ts", counterparts)).toBe(after)
  })
})

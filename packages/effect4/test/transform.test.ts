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
    "modules of a barrel that are not used any more",
    `import { Effect, Logger, LogLevel } from "effect"\nEffect.provide(a, Logger.minimumLogLevel(LogLevel.All))\n`,
    `import * as Logger4 from "./effect/Logger.js"\nimport * as LogLevel4 from "./effect/LogLevel.js"\n` +
    `import { Effect } from "effect"\nEffect.provide(a, Logger4.minimumLogLevel(LogLevel4.All))\n`
  ],
  [
    "the version of a package",
    `export const version = "0.2.1"\n`,
    `export const version = "1.1.1"\n`
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
    "schemas that stand in lines of their own",
    `import * as Schema from "effect/Schema"\nSchema.Union(\n  A,\n  B.pipe(f)\n)\n`,
    `import * as Schema from "effect/Schema"\nSchema.Union([\n  A,\n  B.pipe(f)\n])\n`
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

/** The same for code of a user, which has no counterparts. */
const ofUsers: typeof cases = [
  [
    "Either",
    `import { Effect, Either, Layer } from "effect"\nconst e: Either.Either<A> = yield* Effect.either(a)\nEither.isLeft(e)\n`,
    `import { Effect, Layer, Result } from "effect"\nconst e: Result.Result<A> = yield* Effect.result(a)\nResult.isFailure(e)\n`
  ],
  [
    "Either, where the name is taken",
    `import { Either } from "effect"\nimport { Result } from "./result.js"\nEither.isLeft(e)\n`,
    `import * as Either from "effect/Result"\nimport { Result } from "./result.js"\nEither.isFailure(e)\n`
  ],
  [
    "checks of a schema",
    `import { Schema } from "effect"\nA.pipe(Schema.between(0, 24))\nB.pipe(Schema.filter(f), Schema.pattern(/a/))\n` +
    `C.pipe(Schema.minLength(1), Schema.brand("C"))\n`,
    `import { Schema } from "effect"\nA.check(Schema.isBetween({ minimum: 0, maximum: 24 }))\n` +
    `B.check(Schema.makeFilter(f), Schema.isPattern(/a/))\nC.pipe(Schema.check(Schema.isMinLength(1)), Schema.brand("C"))\n`
  ],
  [
    "decoding and encoding",
    `import { Schema } from "effect"\nSchema.decodeUnknown(A)(a)\nSchema.encode(A)(a)\nSchema.decodeUnknownEither(A)(a)\n`,
    `import { Schema } from "effect"\nSchema.decodeUnknownEffect(A)(a)\nSchema.encodeEffect(A)(a)\nSchema.decodeUnknownResult(A)(a)\n`
  ],
  [
    "what a stream starts to fold with",
    `import { Stream } from "effect"\nStream.runFold({ n: 0 }, f)\nStream.runFold(s, 0, f)\nStream.unwrapScoped(s)\n`,
    `import { Stream } from "effect"\nStream.runFold(() => ({ n: 0 }), f)\nStream.runFold(s, () => 0, f)\nStream.unwrap(s)\n`
  ],
  [
    "a filter that gives an Option",
    `import { Array, Stream } from "effect"\nStream.filterMap(f)\nArray.filterMap(a, f)\n`,
    `import * as Filter from "effect/Filter"\nimport { Array, Stream } from "effect"\n` +
    `Stream.filterMap(Filter.fromPredicateOption(f))\nArray.filterMap(a, Filter.fromPredicateOption(f))\n`
  ],
  [
    "the logger",
    `import { Logger } from "effect"\nLogger.replace(Logger.defaultLogger, mine)\n`,
    `import { Logger } from "effect"\nLogger.layer([mine, Logger.tracerLogger])\n`
  ],
  [
    "where settings are read",
    `import { ConfigProvider, Effect } from "effect"\na.pipe(Effect.withConfigProvider(ConfigProvider.fromJson({})))\n` +
    `ConfigProvider.orElse(a, () => ConfigProvider.fromEnv())\n`,
    `import { ConfigProvider, Effect } from "effect"\n` +
    `a.pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})))\n` +
    `ConfigProvider.orElse(a, ConfigProvider.fromEnv())\n`
  ],
  [
    "errors that are defects",
    `import { Effect } from "effect"\na.pipe(Effect.orDieWith(f), g)\nEffect.orDieWith(a, f)\n`,
    `import { Effect } from "effect"\na.pipe(Effect.mapError(f), Effect.orDie, g)\nEffect.orDie(Effect.mapError(a, f))\n`
  ],
  [
    "a deadline with an error of its own",
    `import { Effect } from "effect"\nEffect.timeoutFail({ duration, onTimeout: () => new E() })\n`,
    `import { Effect } from "effect"\nEffect.timeoutOrElse({ duration, orElse: () => Effect.failSync(() => new E()) })\n`
  ],
  [
    "a module that has another name",
    `import { NodeContext, NodeRuntime } from "@effect/platform-node"\nEffect.provide(NodeContext.layer)\n`,
    `import { NodeRuntime, NodeServices } from "@effect/platform-node"\nEffect.provide(NodeServices.layer)\n`
  ],
  [
    "what a logger is told",
    `import { Cause } from "effect"\nCause.isEmpty(cause) ? logLevel.label : ""\n`,
    `cause.reasons.length === 0 ? logLevel : ""\n`
  ],
  [
    "standard input",
    `import { NodeStream } from "@effect/platform-node"\nNodeStream.stdin.pipe(f)\n`,
    `import { NodeStream } from "@effect/platform-node"\n` +
    `NodeStream.fromReadable({ evaluate: () => process.stdin, closeOnDone: false }).pipe(f)\n`
  ],
  [
    "what happens with a deferred",
    `import { Deferred, Effect } from "effect"\nEffect.intoDeferred(a, deferred)\n`,
    `import { Deferred } from "effect"\nDeferred.into(a, deferred)\n`
  ],
  [
    "the types of a layer",
    `import type { Layer } from "effect"\ntype A = Layer.Layer.Success<typeof layer>\n`,
    `import type { Layer } from "effect"\ntype A = Layer.Success<typeof layer>\n`
  ],
  [
    "an Either",
    `import { Either } from "effect"\nEither.match(a, { onLeft: f, onRight: f }) satisfies Either.Either<1, 2>\n`,
    `import { Result } from "effect"\nResult.match(a, { onFailure: f, onSuccess: f }) satisfies Result.Result<1, 2>\n`
  ],
  [
    "a mailbox",
    `import { Mailbox, Stream } from "effect"\nStream.runDrain(Mailbox.toStream(a))\n`,
    `import { Stream } from "effect"\nStream.runDrain(Stream.fromQueue(a))\n`
  ],
  [
    "a router",
    `import { HttpLayerRouter } from "@effect/platform"\nHttpLayerRouter.serve(HttpLayerRouter.add("GET", "/", a))\n`,
    `import { HttpRouter } from "effect/http"\nHttpRouter.serve(HttpRouter.add("GET", "/", a))\n`
  ],
  [
    "a logger in the place of others",
    `import * as Otlp from "@effect/opentelemetry/Otlp"\nimport { Layer, Logger } from "effect"\n` +
    `Layer.provide(Otlp.layerJson({ baseUrl, replaceLogger: Logger.prettyLoggerDefault }), a)\n`,
    `import * as Otlp from "effect/observability/Otlp"\nimport { Layer } from "effect"\n` +
    `Layer.provide(Otlp.layerJson({ baseUrl, loggerMergeWithExisting: false }), a)\n`
  ]
]

describe("transform", () => {
  it.each(cases)("%s", (_, before, after) => {
    expect(transform(before, "file.ts", counterparts)).toBe(after)
  })

  it.each(ofUsers)("of a user: %s", (_, before, after) => {
    expect(transform(before, "file.ts", undefined)).toBe(after)
  })
})

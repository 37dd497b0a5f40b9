/**
 * What Effect 4 calls the members of Effect 3's modules: another name, a member of another module, or a counterpart of ours
 * (`line/effect`) with the signature of Effect 3.
 */
export type Target =
  | string
  | { readonly module: string; readonly name?: string }
  | { readonly counterpart: string; readonly name?: string }

const all = (module: string, names: Record<string, Target>): Record<string, Target> =>
  Object.fromEntries(Object.entries(names).map(([name, target]) => [`${module}.${name}`, target]))

const counterparts = (module: string, ...names: ReadonlyArray<string>): Record<string, Target> =>
  Object.fromEntries(names.map((name) => [`${module}.${name}`, { counterpart: module }]))

export const members: Record<string, Target> = {
  ...all("Array", {
    getLefts: "getFailures",
    getRights: "getSuccesses",
    unsafeGet: "getUnsafe",
    isNonEmptyArray: "isArrayNonEmpty",
    isNonEmptyReadonlyArray: "isReadonlyArrayNonEmpty"
  }),
  ...all("Cause", {
    isInterrupted: "hasInterrupts",
    isInterruptedOnly: "hasInterruptsOnly",
    failureOption: "findErrorOption",
    isDie: "hasDies",
    isFailure: "hasFails",
    TimeoutException: "TimeoutError"
  }),
  ...all("Chat", { Service: "Chat" }),
  ...all("Config", {
    boolean: "Boolean",
    date: "Date",
    duration: "Duration",
    integer: "Int",
    logLevel: "LogLevel",
    nonEmptyString: "NonEmptyString",
    number: "Number",
    port: "Port",
    redacted: "Redacted",
    string: "String",
    url: "URL"
  }),
  ...all("ConfigProvider", { fromJson: "fromUnknown" }),
  ...all("Context", { isTag: "isKey", unsafeMake: "makeUnsafe" }),
  ...all("DateTime", { unsafeMake: "makeUnsafe" }),
  ...all("Deferred", { unsafeMake: "makeUnsafe", unsafeDone: "doneUnsafe" }),
  ...all("Duration", {
    DurationInput: "Input",
    decode: "fromInputUnsafe",
    lessThanOrEqualTo: "isLessThanOrEqualTo"
  }),
  ...all("Effect", {
    async: "callback",
    clock: { module: "effect/Clock", name: "Clock" },
    catchAll: "catch",
    catchAllCause: "catchCause",
    catchAllDefect: "catchDefect",
    contextWithEffect: "contextWith",
    either: "result",
    fork: "forkChild",
    forkDaemon: "forkDetach",
    fromNullable: "fromNullishOr",
    intoDeferred: { module: "effect/Deferred", name: "into" },
    locally: "provideService",
    locallyWith: "updateService",
    runtime: "context",
    tapErrorCause: "tapCause",
    withFiberRuntime: "withFiber",
    zipRight: "andThen",
    makeLatch: { module: "effect/Latch", name: "make" },
    makeSemaphore: { module: "effect/Semaphore", name: "make" },
    unsafeMakeLatch: { module: "effect/Latch", name: "makeUnsafe" },
    unsafeMakeSemaphore: { module: "effect/Semaphore", name: "makeUnsafe" }
  }),
  ...all("Either", {
    Either: "Result",
    Left: "Failure",
    Right: "Success",
    right: "succeed",
    left: "fail",
    isLeft: "isFailure",
    isRight: "isSuccess",
    isEither: "isResult",
    mapLeft: "mapError",
    getLeft: "getFailure",
    getRight: "getSuccess"
  }),
  ...all("EmbeddingModel", { Service: "EmbeddingModel" }),
  ...all("Encoding", {
    decodeBase64: { module: "effect/encoding/Base64", name: "decode" },
    encodeBase64: { module: "effect/encoding/Base64", name: "encode" }
  }),
  ...all("Exit", { isInterrupted: "hasInterrupts" }),
  ...all("Fiber", { RuntimeFiber: "Fiber" }),
  ...all("FiberRef", {
    FiberRef: { module: "effect/Context", name: "Reference" },
    get: { module: "effect/Effect", name: "service" },
    currentTracerEnabled: { module: "effect/References", name: "TracerEnabled" },
    currentTracerTimingEnabled: { module: "effect/References", name: "TracerTimingEnabled" }
  }),
  ...all("Headers", { currentRedactedNames: "CurrentRedactedNames", unsafeFromRecord: "fromRecordUnsafe" }),
  ...all("HttpClient", {
    currentTracerDisabledWhen: "TracerDisabledWhen",
    currentTracerPropagation: "TracerPropagationEnabled"
  }),
  ...all("HttpClientRequest", { bodyUnsafeJson: "bodyJsonUnsafe", del: "delete" }),
  ...all("HttpServerResponse", { unsafeJson: "jsonUnsafe", unsafeSetCookies: "setCookiesUnsafe" }),
  ...all("Inspectable", { redact: "toJson" }),
  ...all("LanguageModel", { Service: "LanguageModel" }),
  ...all("Layer", {
    scoped: "effect",
    scopedDiscard: "effectDiscard",
    scopedContext: "effectContext",
    unwrapEffect: "unwrap",
    unwrapScoped: "unwrap",
    setConfigProvider: { module: "effect/ConfigProvider", name: "layer" },
    setTracer: { counterpart: "Layer" }
  }),
  ...all("MetricBoundaries", { fromIterable: { module: "effect/Metric", name: "boundariesFromIterable" } }),
  ...all("Option", { fromNullable: "fromNullishOr" }),
  ...all("Order", { bigint: "BigInt", number: "Number", string: "String" }),
  ...all("Predicate", { isRecord: "isObject" }),
  ...all("Logger", { stringLogger: "formatLogFmt", logfmtLogger: "formatLogFmt", jsonLogger: "formatJson" }),
  ...all("Queue", { takeAll: "clear", unsafeOffer: "offerUnsafe" }),
  ...all("Redacted", { unsafeWipe: "wipeUnsafe" }),
  ...all("Runtime", {
    Runtime: { module: "effect/Context", name: "Context" },
    defaultRuntime: { module: "effect/Context", name: "empty()" },
    runCallback: { module: "effect/Effect", name: "runCallbackWith" },
    runFork: { module: "effect/Effect", name: "runForkWith" },
    runPromise: { module: "effect/Effect", name: "runPromiseWith" },
    runSync: { module: "effect/Effect", name: "runSyncWith" }
  }),
  ...all("Schema", {
    Defect: "Defect()",
    typeSchema: "toType",
    DurationFromSelf: "Duration",
    Redacted: "RedactedFromValue",
    RedactedFromSelf: "Redacted",
    Date: "DateFromString",
    DateFromSelf: "Date",
    ChunkFromSelf: "Chunk",
    parseJson: "fromJsonString",
    Enums: "Enum",
    asSchema: "revealCodec",
    standardSchemaV1: "toStandardSchemaV1"
  }),
  ...all("Scope", { extend: "provide", CloseableScope: "Closeable" }),
  ...all("Stream", {
    catchAll: "catch",
    ensuringWith: "onExit",
    execute: "fromEffectDrain",
    fromChunk: "fromIterable",
    orElseIfEmptyStream: "orElseIfEmpty",
    paginateChunkEffect: "paginate",
    provideLayer: "provide",
    repeatEffect: "fromEffectRepeat",
    repeatEffectWithSchedule: "fromEffectSchedule",
    runForEachChunk: "runForEachArray",
    StreamTypeId: "TypeId",
    tapErrorCause: "tapCause",
    toAsyncIterableRuntime: "toAsyncIterableWith",
    either: "result"
  }),
  ...counterparts("Cause", "defects", "failureOrCause", "originalError"),
  ...counterparts("Clock", "make"),
  ...counterparts("Config", "mapOrFail", "zipWith"),
  ...counterparts("ConfigProvider", "fromMap"),
  ...counterparts("Duration", "decodeUnknown"),
  ...counterparts("Effect", "dieMessage", "disconnect", "orDieWith", "orElse", "timeoutFail", "zipLeft"),
  ...counterparts("Effect", "configProviderWith", "iterate", "repeatN", "tapBoth", "withClock", "withConfigProvider"),
  ...counterparts("Effect", "checkInterruptible", "withRandom"),
  ...counterparts("Metric", "histogram", "tagged"),
  ...counterparts("Schedule", "addDelay", "driver", "intersect"),
  ...counterparts("Fiber", "getCurrentFiber", "poll"),
  ...counterparts("Headers", "schemaFromSelf"),
  ...counterparts("Logger", "add", "minimumLogLevel", "replace", "withMinimumLogLevel"),
  ...counterparts("LogLevel", "All", "Debug", "Error", "None", "Warning"),
  ...counterparts("NodeHttpServer", "makeHandler"),
  ...counterparts("Random", "fixed"),
  ...counterparts("Sink", "foldLeft"),
  ...counterparts("Tracer", "make"),
  ...counterparts(
    "Stream",
    "filterMap",
    "flattenChunks",
    "fromReadableStream",
    "mapChunks",
    "mapChunksEffect",
    "mapConcat",
    "mapConcatEffect",
    "repeatEffectChunkOption",
    "repeatEffectOption",
    "runFold",
    "runFoldEffect",
    "timeoutFail",
    "unfoldEffect",
    "unwrapScoped"
  ),
  ...counterparts(
    "ParseResult",
    "ArrayFormatter",
    "ArrayFormatterIssue",
    "Composite",
    "ParseError",
    "ParseIssue",
    "Pointer",
    "TreeFormatter",
    "Type",
    "decodeUnknownEither",
    "fail",
    "isParseError",
    "parseError",
    "succeed"
  ),
  ...counterparts(
    "Schema",
    "NonNegative",
    "NonNegativeInt",
    "NumberFromString",
    "Positive",
    "Struct",
    "TaggedError",
    "UUID",
    "between",
    "decode",
    "decodeEither",
    "decodeUnknown",
    "decodeUnknownEither",
    "encode",
    "encodeEither",
    "encodeUnknown",
    "encodeUnknownEither",
    "filter",
    "fromKey",
    "greaterThan",
    "lessThan",
    "lessThanOrEqualTo",
    "maxLength",
    "minLength",
    "multipleOf",
    "optionalWith",
    "pattern",
    "positive",
    "propertySignature",
    "transform",
    "transformOrFail"
  )
}

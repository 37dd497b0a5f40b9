// Who may import whom, type imports included. `npm run lint` checks it; docs/development.md says it in words.

const pool = "^packages/pool/src/"
const client = "^packages/client/src/"
const simulator = "^packages/simulator/src/"
const ai = "^packages/ai/src/"
const redis = "^packages/redis/src/"
const bulk = "^packages/bulk/src/"

const modules = (src, ...names) => `${src}(?:${names.join("|")})[.]ts$`
const rooms = (src, ...names) => `${src}internal/(?:${names.join("|")})/`
/** The public modules but those named. */
const otherModules = (src, ...names) => `${src}(?!(?:${names.join("|")})[.]ts$)[^/]+$`
/** The rooms but those named. */
const otherRooms = (src, ...names) => `${src}internal/(?!(?:${names.join("|")})/)`

// ---------------------------------------------------------------------------------------------------------------------
// Floors, from the ground up
// ---------------------------------------------------------------------------------------------------------------------

const poolData = [
  "Beneath",
  "ConnectionConfig",
  "ConnectionError",
  "ConnectionEvent",
  "Deadline",
  "Names",
  "Replay",
  "WebSocketError",
  "WebSocketLease"
]

const poolFloors = {
  ground: rooms(pool, "time", "config", "fiber"),
  data: modules(pool, ...poolData),
  books: rooms(pool, "books"),
  sockets: rooms(pool, "sockets"),
  observe: rooms(pool, "observe"),
  exchange: rooms(pool, "exchange"),
  websocket: rooms(pool, "websocket"),
  http: rooms(pool, "http"),
  fetch: rooms(pool, "fetch"),
  // What is no data and not the barrel stands on the pool.
  shell: otherModules(pool, "index", ...poolData),
  barrel: modules(pool, "index")
}

const clientData = [
  "AdaptiveConcurrencyState",
  "AudioInput",
  "BatchState",
  "CallOptions",
  "DashScopeError",
  "DownloadState",
  "DuplexTaskState",
  "Endpoint",
  "Envelope",
  "GenerationParams",
  "GenerationResult",
  "Media",
  "Message",
  "MultiModalMessage",
  "MultiModalParams",
  "MultiModalResult",
  "RateLimitState",
  "RateLimitStore",
  "RealtimeEvent",
  "RealtimeParams",
  "RealtimeSession",
  "RealtimeState",
  "Retry",
  "ServiceSocket",
  "SpeechEvent",
  "StructuredOutput",
  "TaskState",
  "Telemetry",
  "TextEmbeddingParams",
  "TextEmbeddingResult",
  "Tool",
  "ToolRun"
]
const poolAgain = ["ConnectionConfig", "ConnectionEvent", "ConnectionPool", "Fetch", "HttpClient"]
const shared = ["core", "effect", "rateLimit", "limiter", "protocol", "upload", "operation", "chat", "speech"]

const clientFloors = {
  // What each line of Effect has its own of.
  effect: rooms(client, "effect"),
  core: rooms(client, "core"),
  // The arithmetic of limits, which the store in memory is made of.
  buckets: rooms(client, "rateLimit"),
  data: modules(client, ...clientData),
  // Who may send, and who waits, as protocol asks before each attempt.
  limiter: rooms(client, "limiter"),
  rateLimit: modules(client, "AdaptiveConcurrency", "RateLimit"),
  protocol: rooms(client, "protocol"),
  client: modules(client, "DashScopeClient"),
  uploadRoom: rooms(client, "upload"),
  // Services that send media stand on it.
  upload: modules(client, "Upload"),
  operation: rooms(client, "operation"),
  chat: rooms(client, "chat"),
  // What is said over WebSockets.
  speech: rooms(client, "speech"),
  // A room that not all share is a service's own.
  serviceRoom: otherRooms(client, ...shared),
  // And a public module that is nothing else is a service.
  service: otherModules(
    client,
    "AdaptiveConcurrency",
    "DashScopeClient",
    "RateLimit",
    "Upload",
    "DashScope",
    "Promise",
    "Cassette",
    "Testing",
    "index",
    ...clientData,
    ...poolAgain
  ),
  // What stands in their place in tests.
  testing: modules(client, "Cassette", "Testing"),
  // The services for runtimes without Node's modules.
  neutral: `${client}neutral/`,
  // The same for programs without Effect.
  promise: `${client}promise/`,
  root: modules(client, "DashScope", "Promise", "index", ...poolAgain)
}

const aiFloors = {
  // Converters, between the core's prompts and parts and the client's parameters and results.
  internal: `${ai}internal/`,
  modules: otherModules(ai, "index"),
  barrel: modules(ai, "index")
}

const redisFloors = {
  // The script and its words.
  internal: `${redis}internal/`,
  modules: otherModules(redis, "index"),
  barrel: modules(redis, "index")
}

const bulkData = ["BulkError", "Progress", "Sink"]

const bulkFloors = {
  data: modules(bulk, ...bulkData),
  // Results and engines are of this room, and it takes the types of `Results`.
  modules: [`${bulk}internal/`, otherModules(bulk, "index", ...bulkData)],
  barrel: modules(bulk, "index")
}

/** For each floor but the highest, that it takes nothing of those above it. */
const neverUp = (name, floors) => {
  const paths = Object.values(floors)
  return Object.keys(floors).slice(0, -1).map((floor, index) => ({
    name: `${name}-floor-${floor}`,
    comment: `packages/${name}: ${Object.keys(floors).join(" < ")}, and imports go down.`,
    from: { path: paths[index] },
    to: { path: paths.slice(index + 1).flat() }
  }))
}

// ---------------------------------------------------------------------------------------------------------------------
// Packages and modules of others
// ---------------------------------------------------------------------------------------------------------------------

/** A module of an installed package, as Node, its types or an unresolved import name it. */
const installed = (name, module) => `(?:^|/)${name}/(?:(?:dist/(?:esm|cjs|dts)|src)/)?${module}(?:[.]|$)`

const barrels = [
  "^packages/[^/]+/src/(?:neutral/)?index[.]ts$",
  installed("effect", "index"),
  installed("@effect/[^/]+", "index"),
  "^(?:effect|@effect/[^/]+|effect-dashscope|effect-dashscope-ai|effect-dashscope-bulk|effect-dashscope-redis|effect-dashscope-simulator|effect-http-pool)$"
]

/** What runs or waits, or is read by what runs. */
const runtime = [
  "Channel",
  "Clock",
  "Deferred",
  "Effect",
  "ExecutionStrategy",
  "Fiber",
  "FiberHandle",
  "FiberMap",
  "FiberRef",
  "FiberSet",
  "Layer",
  "Logger",
  "Mailbox",
  "ManagedRuntime",
  "Metric",
  "PubSub",
  "Queue",
  "Random",
  "Ref",
  "Runtime",
  "STM",
  "Schedule",
  "Scope",
  "Sink",
  "Stream",
  "SubscriptionRef",
  "SynchronizedRef",
  "Tracer"
]

/** What of a package runs on Node only. */
const ofNode = [
  "(?:^|/)@effect/platform-node(?:-shared)?/",
  "(?:^|/)node_modules/(?:undici|ws)/",
  "^@effect/platform-node",
  "^(?:undici|ws)$",
  "^node:"
]

const withoutRuntime = [
  rooms(pool, "config", "books", "sockets", "exchange", "websocket", "fetch"),
  `${pool}internal/http/(?:codings|source)[.]ts$`,
  // What a Schema has to say of its issues is an Effect.
  `${client}internal/core/(?!(?:schemaIssues|decodeWritten)[.])`,
  rooms(client, "rateLimit"),
  rooms(client, "generation"),
  `${client}internal/speech/(?:messages|frames|silence|recognized|subtitles)[.]ts$`,
  `${client}internal/realtime/(?:families|update|messages|progress|responses|transcripts)[.]ts$`,
  `${client}internal/batch/(?:body|messages|requestLines|lineReader|resultLines)[.]ts$`,
  `${client}internal/protocol/(?:sse|eventReader|classify|errorBody|errorType|transportError|envelope|header|userAgent)[.]ts$`,
  `${client}internal/chat/(?:total|text|audioTotal|parameters|checks|fastDecode|decode|contentTotal|callTotal|choiceTotal|researchTotal|finishReason|usage|turns|reply|partial|genAiMessages|tokenEstimate|historyTrim)[.]ts$`,
  // Asking for an object, and what the core does with a call, are Effects.
  `${ai}internal/(?!(?:chunks|embeddings|object|plainText)[.])`,
  `${redis}internal/(?:script|words)[.]ts$`
]

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...neverUp("pool", poolFloors),
    ...neverUp("client", clientFloors),
    ...neverUp("ai", aiFloors),
    ...neverUp("redis", redisFloors),
    ...neverUp("bulk", bulkFloors),
    {
      name: "client-internal-takes-data",
      comment: "What is internal takes only data modules of the public ones.",
      from: { path: `${client}internal/` },
      to: { path: [clientFloors.client, clientFloors.upload, clientFloors.service, clientFloors.root] }
    },
    {
      name: "client-services-apart",
      comment: "A service imports no other service.",
      from: { path: clientFloors.service },
      to: { path: clientFloors.service }
    },
    {
      name: "client-service-rooms-apart",
      comment: "The room of a service takes nothing of another service's room.",
      from: { path: `${client}internal/([^/]+)/` },
      to: { path: clientFloors.serviceRoom, pathNot: `${client}internal/$1/` }
    },
    {
      name: "pool-alone",
      comment: "The pool knows nothing of DashScope.",
      from: { path: pool },
      to: { path: "^packages/(?!pool/)" }
    },
    {
      name: "client-on-pool",
      comment: "Of our packages the client knows only the pool.",
      from: { path: client },
      to: { path: "^packages/(?!(?:client|pool)/)" }
    },
    {
      name: "ai-on-client",
      comment: "Of our packages the provider knows only the client.",
      from: { path: ai },
      to: { path: "^packages/(?!(?:ai|client)/)" }
    },
    {
      name: "ai-without-node",
      comment: "The provider runs anywhere, as the client's services do.",
      from: { path: ai },
      to: { path: [...ofNode, modules(client, "DashScope", "index", ...poolAgain)] }
    },
    {
      name: "ai-without-node-builtins",
      comment: "The provider runs anywhere, as the client's services do.",
      from: { path: ai },
      to: { dependencyTypes: ["core"] }
    },
    {
      name: "redis-on-client",
      comment: "Of our packages the shared store knows only the client.",
      from: { path: redis },
      to: { path: "^packages/(?!(?:redis|client)/)" }
    },
    {
      name: "redis-without-node",
      comment: "The shared store runs wherever a client of Redis does, and brings none itself.",
      from: { path: redis },
      to: {
        path: [
          ...ofNode,
          "(?:^|/)node_modules/(?:ioredis|redis|iovalkey)/",
          "^(?:ioredis|redis|iovalkey)$",
          modules(client, "DashScope", "index", ...poolAgain)
        ]
      }
    },
    {
      name: "redis-without-node-builtins",
      comment: "The shared store runs wherever a client of Redis does.",
      from: { path: redis },
      to: { dependencyTypes: ["core"] }
    },
    {
      name: "bulk-on-client",
      comment: "Of our packages bulk jobs know only the client.",
      from: { path: bulk },
      to: { path: "^packages/(?!(?:bulk|client)/)" }
    },
    {
      name: "bulk-without-node",
      comment: "Bulk jobs run wherever their storage does; SQLite is libSQL's.",
      from: { path: bulk },
      to: { path: [...ofNode, modules(client, "DashScope", "index", ...poolAgain)] }
    },
    {
      name: "simulator-alone",
      comment: "The simulator knows no client.",
      from: { path: simulator },
      to: { path: "^packages/(?!simulator/)" }
    },
    {
      name: "internal-stays-inside",
      comment: "Nobody imports what is internal to another package.",
      // The benchmarks build the client once more with parts of it left out.
      from: { path: "^packages/([^/]+)/", pathNot: "^packages/benchmarks/src/unobserved/" },
      to: { path: "^packages/[^/]+/src/internal/", pathNot: "^packages/$1/" }
    },
    {
      name: "promise-types-plain",
      comment: "The types for programs without Effect name nothing of it.",
      from: { path: `${client}promise/(?:types|chatTypes|client|sessionTypes)[.]ts$` },
      to: { pathNot: [`${client}promise/(?:types|chatTypes|client|sessionTypes)[.]ts$`, modules(client, "Media")] }
    },
    {
      name: "client-without-node",
      comment: "The client runs anywhere; only DashScope.ts, Promise.ts and the pool's modules need Node.",
      from: { path: client, pathNot: modules(client, "DashScope", "Promise", "index", ...poolAgain) },
      to: {
        path: [...ofNode, modules(pool, "ConnectionPool", "Fetch", "HttpClient", "WebSocket")]
      }
    },
    {
      name: "client-without-node-builtins",
      comment: "The client runs anywhere; only DashScope.ts, Promise.ts and the pool's modules need Node.",
      from: { path: client, pathNot: modules(client, "DashScope", "Promise", "index", ...poolAgain) },
      to: { dependencyTypes: ["core"] }
    },
    {
      name: "no-barrels",
      comment: "An app pays for what it uses: import modules by path.",
      from: { path: [pool, client, simulator, ai, redis, bulk] },
      to: { path: barrels }
    },
    {
      name: "without-runtime",
      comment: "What lies below the shell is plain functions and classes, free of Effect's runtime.",
      from: { path: withoutRuntime },
      to: { path: installed("effect", `(?:${runtime.join("|")})`), dependencyTypesNot: ["type-only"] }
    },
    {
      name: "no-circles",
      comment: "Of two files that import each other neither can be read or tested alone.",
      from: {},
      to: { circular: true }
    },
    {
      name: "not-found",
      comment: "An import that cannot be followed cannot be checked.",
      from: {},
      to: { couldNotResolve: true }
    }
  ].map((rule) => ({ severity: "error", ...rule })),
  options: {
    doNotFollow: { path: "node_modules" },
    // Type imports too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
      mainFields: ["module", "main", "types"]
    }
  }
}

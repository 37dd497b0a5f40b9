/** Who is measured, and what each of them does for a call. */
import type { Shape } from "./answers.js"

export interface Subject {
  readonly name: string
  /** For a table. */
  readonly title: string
  readonly runtime: "node" | "python" | "java"
  readonly shape: Shape
  /** What a program of its own would have to install. */
  readonly packages: ReadonlyArray<string>
  /** What a program imports to make a call. */
  readonly imports: ReadonlyArray<string>
  /** Whether it can be told how many connections to open, and lets the other calls wait. */
  readonly bounded: boolean
  /** How it is set up, and how it treats an answer. */
  readonly work: string
  readonly decoding: string
  readonly deadlines: string
  /** Runs in `--quick` unless asked otherwise. */
  readonly quick: boolean
  /** The client that it is on Effect 4. Such a one runs only where it is asked for. */
  readonly twinOf?: string
}

const effect = ["effect", "@effect/platform", "@effect/platform-node"]

const dashscopeImports = ["ConnectionConfig", "DashScope", "Generation", "Message"].map((module) =>
  `effect-dashscope/${module}`
)

/** The modules of effect-dashscope that its programs here import. */
export const dashscopeEntries = dashscopeImports.map((specifier) => specifier.slice("effect-dashscope/".length))

const dashscope = {
  runtime: "node",
  shape: "native",
  packages: ["effect-dashscope"],
  imports: dashscopeImports,
  bounded: true,
  decoding: "Schema, compiled"
} as const

export const baseline = "undici"
export const ours = "effect-dashscope"

const all: ReadonlyArray<Subject> = [
  {
    name: baseline,
    title: "undici `Pool.request`",
    runtime: "node",
    shape: "native",
    packages: ["undici"],
    imports: ["undici"],
    bounded: true,
    work: "one pool; body as a string; events found by hand",
    decoding: "`JSON.parse`, checked by hand",
    deadlines: "connect, headers, body (undici's)",
    quick: true
  },
  {
    name: "undici-dispatch",
    title: "undici `dispatch`",
    runtime: "node",
    shape: "native",
    packages: ["undici"],
    imports: ["undici"],
    bounded: true,
    work: "the same pool with a handler of its own, no streams or promises of undici between",
    decoding: "`JSON.parse`, checked by hand",
    deadlines: "connect, headers, body (undici's)",
    quick: true
  },
  {
    name: "fetch",
    title: "`fetch`",
    runtime: "node",
    shape: "native",
    packages: [],
    imports: [],
    bounded: false,
    work: "Node's own; events found by hand",
    decoding: "`JSON.parse`, checked by hand",
    deadlines: "connect, headers, body (undici's)",
    quick: true
  },
  {
    name: "axios",
    title: "axios",
    runtime: "node",
    shape: "native",
    packages: ["axios"],
    imports: ["axios"],
    bounded: true,
    work: "over `http.Agent` with keep-alive; events found by hand",
    decoding: "`JSON.parse`, checked by hand",
    deadlines: "none",
    quick: true
  },
  {
    name: "openai",
    title: "openai",
    runtime: "node",
    shape: "chat",
    packages: ["openai"],
    imports: ["openai"],
    bounded: false,
    work: "defaults: over `fetch`, 2 retries",
    decoding: "`JSON.parse`, not checked",
    deadlines: "10 minutes to the headers",
    quick: true
  },
  {
    name: "ai",
    title: "ai + @ai-sdk/openai-compatible",
    runtime: "node",
    shape: "chat",
    packages: ["ai", "@ai-sdk/openai-compatible"],
    imports: ["ai", "@ai-sdk/openai-compatible"],
    bounded: false,
    work: "`generateText` and `streamText`, defaults: over `fetch`, 2 retries",
    decoding: "`JSON.parse` and zod",
    deadlines: "none",
    quick: true
  },
  {
    name: "effect-platform",
    title: "@effect/platform over undici",
    runtime: "node",
    shape: "native",
    packages: [...effect, "@effect/experimental"],
    imports: [
      "@effect/experimental/Sse",
      "@effect/platform-node/NodeHttpClient",
      "@effect/platform-node/Undici",
      "@effect/platform/HttpClient",
      "@effect/platform/HttpClientRequest",
      "@effect/platform/HttpClientResponse",
      "effect/Effect",
      "effect/Layer",
      "effect/ManagedRuntime",
      "effect/Schema",
      "effect/Stream"
    ],
    bounded: true,
    work: "`HttpClient` from `NodeHttpClient.layerUndici`, `schemaBodyJson`; `@effect/experimental/Sse` for events",
    decoding: "Schema",
    deadlines: "none that matter (1 hour to the headers)",
    quick: true
  },
  {
    name: "effect-ai-openai",
    title: "@effect/ai-openai",
    runtime: "node",
    shape: "responses",
    packages: [...effect, "@effect/ai", "@effect/ai-openai", "@effect/experimental"],
    imports: [
      "@effect/ai-openai/OpenAiClient",
      "@effect/ai-openai/OpenAiLanguageModel",
      "@effect/ai/LanguageModel",
      "@effect/platform-node/NodeHttpClient",
      "effect/Effect",
      "effect/Layer",
      "effect/ManagedRuntime",
      "effect/Stream"
    ],
    bounded: false,
    work: "`LanguageModel` over `NodeHttpClient.layerUndici`, defaults",
    decoding: "Schema, a class for each part",
    deadlines: "none that matter (1 hour to the headers)",
    quick: true
  },
  {
    name: "effect-dashscope-ai",
    title: "effect-dashscope-ai",
    runtime: "node",
    shape: "native",
    packages: ["effect-dashscope-ai"],
    imports: [
      "@effect/ai/LanguageModel",
      "effect-dashscope-ai/DashScopeLanguageModel",
      "effect-dashscope/ConnectionConfig",
      "effect-dashscope/DashScope",
      "effect/Effect",
      "effect/Layer",
      "effect/ManagedRuntime",
      "effect/Stream"
    ],
    bounded: true,
    work: "`LanguageModel` of `@effect/ai` over effect-dashscope",
    decoding: "Schema, compiled; then parts as the core's Schemas decode them",
    deadlines: "acquire, connect, write, read",
    quick: true
  },
  {
    ...dashscope,
    name: ours,
    title: "**effect-dashscope**",
    work: "`Generation.call` and `Generation.stream`: permits, retries, metrics",
    deadlines: "acquire, connect, write, read",
    quick: true
  },
  {
    ...dashscope,
    name: "effect-dashscope-traced",
    title: "effect-dashscope, traced",
    work: "the same inside a span, so that all its spans are made (Effect's tracer, no exporter)",
    deadlines: "acquire, connect, write, read",
    quick: true
  },
  {
    ...dashscope,
    name: "effect-dashscope-deadlines",
    title: "effect-dashscope, call deadlines",
    work: "the same with `timeout`, `firstContentTimeout` and `contentTimeout` set",
    deadlines: "acquire, connect, write, read; total, first content, content",
    quick: false
  },
  {
    ...dashscope,
    name: "effect-dashscope-unobserved",
    title: "effect-dashscope, nothing observed",
    work: "a build of it from which metrics, percentiles and spans were taken out",
    deadlines: "acquire, connect, write, read",
    quick: false
  },
  {
    name: "python",
    title: "Python dashscope",
    runtime: "python",
    shape: "native",
    packages: [],
    imports: [],
    bounded: false,
    work: "`Generation.call` on threads; a new `requests.Session` and connection for each call (its default)",
    decoding: "`json`, into dictionaries",
    deadlines: "300 s of silence",
    quick: false
  },
  {
    name: "python-session",
    title: "Python dashscope, session",
    runtime: "python",
    shape: "native",
    packages: [],
    imports: [],
    bounded: false,
    work: "the same with one `requests.Session` as large as the calls in flight",
    decoding: "`json`, into dictionaries",
    deadlines: "300 s of silence",
    quick: false
  },
  {
    name: "java",
    title: "Java dashscope-sdk-java",
    runtime: "java",
    shape: "native",
    packages: [],
    imports: [],
    bounded: false,
    work: "`Generation.call` and `streamCall` on threads, default pool (32 idle connections)",
    decoding: "Gson, into classes",
    deadlines: "connect, read, write",
    quick: false
  },
  {
    name: "java-pool",
    title: "Java dashscope-sdk-java, pool",
    runtime: "java",
    shape: "native",
    packages: [],
    imports: [],
    bounded: false,
    work: "the same with pool and dispatcher as large as the calls in flight",
    decoding: "Gson, into classes",
    deadlines: "connect, read, write",
    quick: false
  }
]

/** Those that have a twin on Effect 4. */
const onBothLines: ReadonlyArray<string> = [ours, "effect-dashscope-traced", "effect-dashscope-deadlines"]

const twins = all.filter(({ name }) => onBothLines.includes(name)).map((subject): Subject => ({
  ...subject,
  name: `${subject.name}-4`,
  title: `${subject.title} on Effect 4`,
  quick: false,
  twinOf: subject.name
}))

export const subjects: ReadonlyArray<Subject> = [...all, ...twins]

/** Those of `--lines`. */
export const lines: ReadonlyArray<string> = [baseline, ...onBothLines, ...twins.map(({ name }) => name)]

/** Beside the clients in the measure of imports: what effect-dashscope loads from others. */
export const needed = {
  name: "effect-modules",
  title: "what effect-dashscope loads"
}

/** The same on Effect 4. */
export const neededOn4 = {
  name: "effect-modules-4",
  title: "what effect-dashscope loads on Effect 4"
}

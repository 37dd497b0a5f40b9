/**
 * Applications of Model Studio: agents and workflows that were built in its console, by their ids.
 *
 * @example
 * import { Application, DashScope } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* Application.session({ appId: "your-app-id" })
 *   yield* Console.log(Application.text(yield* session.call("你好，我叫小明")))
 *   yield* Console.log(Application.text(yield* session.call("我叫什么名字？")))
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "Application calling".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError } from "./DashScopeError.js"
import { type DashScopeError, type InputRequired } from "./DashScopeError.js"
import type { ServerEvent } from "./Envelope.js"
import { Total } from "./internal/application/total.js"
import { isFinish } from "./internal/chat/finishReason.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { isRecord } from "./internal/core/record.js"
import * as Pull from "./internal/effect/pull.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import { encodeMessages } from "./internal/operation/messages.js"
import * as Params from "./internal/operation/params.js"
import { Partials } from "./internal/operation/partial.js"
import * as Streaming from "./internal/operation/stream.js"
import type { Message } from "./Message.js"
import { attributes } from "./Telemetry.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * Where an application looks for what it knows.
 *
 * @since 0.1.0
 * @category models
 */
export interface RagOptions {
  /** The knowledge bases. */
  readonly pipelineIds?: ReadonlyArray<string> | undefined
  readonly fileIds?: ReadonlyArray<string> | undefined
  readonly tags?: ReadonlyArray<string> | undefined
  readonly metadataFilter?: Readonly<Record<string, unknown>> | undefined
  readonly structuredFilter?: Readonly<Record<string, unknown>> | undefined
  /** Files of this session alone. */
  readonly sessionFileIds?: ReadonlyArray<string> | undefined
}

/**
 * A parameter that is left out is the application's own setting.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApplicationParams {
  readonly appId: string
  /** What is asked; with `messages` it is their last, of the user. */
  readonly prompt?: string | undefined
  /** The whole conversation, where the program carries it itself instead of by `sessionId`. */
  readonly messages?: ReadonlyArray<Message> | undefined
  /** Goes on with the conversation of an earlier answer: its `output.sessionId`. See {@link session}. */
  readonly sessionId?: string | undefined
  /** Long-term memory. */
  readonly memoryId?: string | undefined
  /** Variables of the workflow's start node, and what plugins are told. */
  readonly bizParams?: Readonly<Record<string, unknown>> | undefined
  /** URLs. */
  readonly imageList?: ReadonlyArray<string> | undefined
  /** URLs. */
  readonly fileList?: ReadonlyArray<string> | undefined
  /** How the text refers to documents: `indexed` has marks in it. */
  readonly docReferenceType?: "simple" | "indexed" | undefined
  readonly docTagCodes?: ReadonlyArray<string> | undefined
  /** Whether the answer tells its steps. Default: false. */
  readonly hasThoughts?: boolean | undefined
  /**
   * For streams: whether an element has what is new, or all so far (`false`), put together here. Default: true.
   */
  readonly incrementalOutput?: boolean | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly seed?: number | undefined
  readonly temperature?: number | undefined
  readonly ragOptions?: RagOptions | undefined
  /**
   * What a stream of a workflow tells: `full_thoughts` (every node, in `thoughts`), `agent_format` (text alone),
   * `message_format` or `message_format_plus` (in `workflowMessage`). Default: `full_thoughts`.
   */
  readonly flowStreamMode?: string | undefined
  readonly enableThinking?: boolean | undefined
  readonly enableWebSearch?: boolean | undefined
  readonly enableSystemTime?: boolean | undefined
  readonly enablePremium?: boolean | undefined
  readonly mcpServers?: ReadonlyArray<string> | undefined
  /** How many turns of the conversation are looked at. */
  readonly dialogRound?: number | undefined
  /** Another model than the application's. */
  readonly modelId?: string | undefined
  /** Which content is inspected. */
  readonly cipServiceCodes?: Readonly<Record<string, unknown>> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<ApplicationParams> = {
  appId: Params.path(),
  prompt: Params.input("prompt"),
  messages: Params.input("messages"),
  sessionId: Params.input("session_id"),
  memoryId: Params.input("memory_id"),
  bizParams: Params.input("biz_params"),
  imageList: Params.input("image_list"),
  fileList: Params.input("file_list"),
  docReferenceType: Params.input("doc_reference_type"),
  docTagCodes: Params.input("doc_tag_codes"),
  hasThoughts: Params.parameter("has_thoughts"),
  incrementalOutput: Params.parameter("incremental_output"),
  topP: Params.parameter("top_p"),
  topK: Params.parameter("top_k"),
  seed: Params.parameter("seed"),
  temperature: Params.parameter("temperature"),
  ragOptions: Params.struct(Params.parameter<RagOptions>("rag_options"), {
    pipelineIds: "pipeline_ids",
    fileIds: "file_ids",
    tags: "tags",
    metadataFilter: "metadata_filter",
    structuredFilter: "structured_filter",
    sessionFileIds: "session_file_ids"
  }),
  flowStreamMode: Params.parameter("flow_stream_mode"),
  enableThinking: Params.parameter("enable_thinking"),
  enableWebSearch: Params.parameter("enable_web_search"),
  enableSystemTime: Params.parameter("enable_system_time"),
  enablePremium: Params.parameter("enable_premium"),
  mcpServers: Params.parameter("mcp_servers"),
  dialogRound: Params.parameter("dialog_round"),
  modelId: Params.parameter("model_id"),
  cipServiceCodes: Params.parameter("cip_service_codes")
}

const problem = ({ appId, extraInput, messages, prompt }: ApplicationParams): InputRequired | undefined =>
  Params.isEmpty(appId)
    ? Params.invalid("appId", "the id of an application is required")
    : Params.isEmpty(prompt) && Params.isEmpty(messages) && extraInput === undefined
    ? Params.invalid("prompt", "nothing to send: give a prompt or messages")
    : undefined

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A step of an application.
 *
 * @since 0.1.0
 * @category models
 */
export interface Thought extends Schema.Schema.Type<typeof Thought> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Thought = Schema.Struct({
  thought: nullish(Schema.String),
  /** Such as `agentRag`, `api` or `reasoning`. */
  actionType: nullishFrom("action_type", Schema.String),
  actionName: nullishFrom("action_name", Schema.String),
  action: nullish(Schema.String),
  arguments: nullish(Schema.String),
  actionInput: nullishFrom("action_input", Schema.Unknown),
  actionInputStream: nullishFrom("action_input_stream", Schema.String),
  response: nullish(Schema.String),
  /** What came of it, often as JSON text. */
  observation: nullish(Schema.String)
}).annotations({ identifier: "Thought", ...preserve })

/**
 * A document that an answer rests on.
 *
 * @since 0.1.0
 * @category models
 */
export interface DocReference extends Schema.Schema.Type<typeof DocReference> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DocReference = Schema.Struct({
  /** The number that marks in the text have. */
  indexId: nullishFrom("index_id", Schema.String),
  docId: nullishFrom("doc_id", Schema.String),
  docName: nullishFrom("doc_name", Schema.String),
  docUrl: nullishFrom("doc_url", Schema.String),
  title: nullish(Schema.String),
  text: nullish(Schema.String),
  bizId: nullishFrom("biz_id", Schema.String),
  images: nullish(Schema.Array(Schema.String)),
  pageNumber: nullishFrom("page_number", Schema.Array(Schema.Number))
}).annotations({ identifier: "DocReference", ...preserve })

/**
 * What a node of a workflow says, bit by bit.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkflowMessage extends Schema.Schema.Type<typeof WorkflowMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const WorkflowMessage = Schema.Struct({
  nodeId: nullishFrom("node_id", Schema.String),
  nodeName: nullishFrom("node_name", Schema.String),
  nodeType: nullishFrom("node_type", Schema.String),
  /** Such as `executing` or `success`. */
  nodeStatus: nullishFrom("node_status", Schema.String),
  /** Counts the messages of a node from 0. */
  nodeMsgSeqId: nullishFrom("node_msg_seq_id", Schema.Number),
  /** The service writes it in either way. */
  nodeIsCompleted: nullishFrom("node_is_completed", Schema.Union(Schema.Boolean, Schema.String)),
  message: nullish(
    Schema.Struct({ role: nullish(Schema.String), content: nullish(Schema.String) }).annotations(preserve)
  )
}).annotations({ identifier: "WorkflowMessage", ...preserve })

/**
 * What one of the models cost that an application asked.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelUsage extends Schema.Schema.Type<typeof ModelUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ModelUsage = Schema.Struct({
  modelId: nullishFrom("model_id", Schema.String),
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  outputTokens: nullishFrom("output_tokens", Schema.Number)
}).annotations({ identifier: "ModelUsage", ...preserve })

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApplicationResult extends Schema.Schema.Type<typeof ApplicationResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ApplicationResult = Schema.Struct({
  output: Schema.Struct({
    text: nullish(Schema.String),
    /** `stop`; the text `"null"` while the answer goes on (in streams). */
    finishReason: nullishFrom("finish_reason", Schema.String),
    /** Send it back to go on with the conversation. */
    sessionId: nullishFrom("session_id", Schema.String),
    rejectStatus: nullishFrom("reject_status", Schema.Boolean),
    thoughts: nullish(Schema.Array(Thought)),
    docReferences: nullishFrom("doc_references", Schema.Array(DocReference)),
    workflowMessage: nullishFrom("workflow_message", WorkflowMessage)
  }).annotations(preserve),
  /** By model; workflows may tell none. */
  usage: nullish(Schema.Struct({ models: nullish(Schema.Array(ModelUsage)) }).annotations(preserve)),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "ApplicationResult", ...preserve })

const post = Endpoint.post<ApplicationParams>("", fields, problem)

const sum = (models: ReadonlyArray<ModelUsage>, name: "inputTokens" | "outputTokens"): number | undefined =>
  models.length === 0 ? undefined : models.reduce((sum, usage) => sum + (usage[name] ?? 0), 0)

const endpoint: Endpoint.Endpoint<ApplicationParams, ApplicationResult> = {
  operation: "invoke_agent",
  modelOf: ({ modelId }) => modelId,
  encode: (params) =>
    Either.flatMap(
      encodeMessages(params),
      (said) =>
        Either.flatMap(post({ ...params, ...said }), (request) =>
          Either.map(Params.id("appId", params.appId), (id) => ({ ...request, path: `/apps/${id}/completion` })))
    ),
  decode: Codec.decoder(ApplicationResult),
  usageOf: ({ usage }) =>
    usage?.models && { inputTokens: sum(usage.models, "inputTokens"), outputTokens: sum(usage.models, "outputTokens") },
  requestAttributes: ({ appId }) => ({ [attributes.agentId]: appId })
}

const isSaid = (u: unknown): boolean => (typeof u === "string" || Array.isArray(u)) && u.length > 0

const isContent = ({ output }: ServerEvent): boolean =>
  isRecord(output) && (isSaid(output["text"]) || isSaid(output["thoughts"]) || isRecord(output["workflow_message"]) ||
    isFinish(output["finish_reason"]))

const partials = new Partials<ApplicationResult>()

const streaming: Streaming.Streaming<ApplicationResult> = {
  isContent,
  isEnd: ({ output }) => isFinish(output.finishReason),
  whole: { make: () => new Total<ApplicationResult>(), partials }
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (params: ApplicationParams, options?: CallOptions) => Effect.Effect<ApplicationResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (
    params: ApplicationParams,
    options?: CallOptions
  ) => Stream.Stream<ApplicationResult, DashScopeError>
}

/**
 * @example
 * import { Application } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that asks an application.
 * export const Mock = Layer.mock(Application.Application, {
 *   call: () => Effect.succeed({ output: { text: "Hello!", sessionId: "1", finishReason: "stop" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Application extends Context.Tag("effect-dashscope/Application")<Application, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    call: Endpoint.call(client, endpoint),
    stream: ((increments, merged): Service["stream"] => (params, options) =>
      params.incrementalOutput === false
        ? merged({ ...params, incrementalOutput: true }, options)
        : increments({ incrementalOutput: true, ...params }, options))(
        Streaming.stream(client, endpoint, streaming),
        Streaming.stream(client, endpoint, { ...streaming, isMerged: true })
      )
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Application, never, DashScopeClient.DashScopeClient> = Layer.effect(Application, make)

/**
 * Asks an application and waits for its whole answer.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to ask, and with the other errors of `DashScopeError` as
 * they say.
 *
 * @example
 * import { Application } from "effect-dashscope"
 *
 * export const report = Application.call({
 *   appId: "your-workflow-id",
 *   prompt: "Write the report",
 *   bizParams: { city: "杭州" },
 *   ragOptions: { pipelineIds: ["your-knowledge-base"] }
 * })
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: ApplicationParams,
  options?: CallOptions
): Effect.Effect<ApplicationResult, DashScopeError, Application> =>
  Effect.flatMap(Application, (service) => service.call(params, options))

/**
 * Asks an application and gives its answer as it is written, one element for each event of the service.
 *
 * Each element has what is new; with `incrementalOutput: false` all so far, put together here; {@link collect} does that for a
 * whole stream. References come with the last elements. Workflows tell of their nodes as `flowStreamMode` says.
 *
 * Fails as {@link call} does. A stream that ends before its answer did is a `ConnectionError` of reason `Truncated`;
 * {@link partialResult} has what had arrived, of any error.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: ApplicationParams,
  options?: CallOptions
): Stream.Stream<ApplicationResult, DashScopeError, Application> =>
  Pull.unwrap(Effect.map(Application, (service) => service.stream(params, options)))

/**
 * The text of an answer, or of an element of a stream: that of the application, or what a node of its workflow says. Empty where
 * there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const text = ({ output }: ApplicationResult): string =>
  output.text || output.workflowMessage?.message?.content || ""

/**
 * The text of an answer as it is written, and nothing else. Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const streamText = (
  params: ApplicationParams,
  options?: CallOptions
): Stream.Stream<string, DashScopeError, Application> =>
  stream({ ...params, incrementalOutput: true }, options).pipe(
    Stream.map(text),
    Stream.filter((text) => text !== "")
  )

/**
 * Puts the elements of a stream of increments together, to the answer that {@link call} would give: the texts joined (of a
 * workflow, those of its nodes, in the order in which they began), and for the rest what came last.
 *
 * @since 0.1.0
 * @category combinators
 */
export const collect: <E, R>(
  self: Stream.Stream<ApplicationResult, E, R>
) => Effect.Effect<ApplicationResult, E | ApiError, R> = Streaming.collect(
  () => new Total<ApplicationResult>(),
  partials
)

/**
 * What had arrived of an answer when its stream failed with this error, put together as by {@link collect}; nothing where
 * nothing had, or where more had than a stream remembers (8 MiB). It is kept beside the error and not in it, so that what
 * an application said does not get into logs.
 *
 * @example
 * import { Application } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * // What there is, when it does not come to its end.
 * export const best = (params: Application.ApplicationParams) =>
 *   Application.stream(params).pipe(
 *     Application.collect,
 *     Effect.catchAll((error) => {
 *       const partial = Application.partialResult(error)
 *       return partial === undefined ? Effect.fail(error) : Effect.succeed(partial)
 *     })
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): ApplicationResult | undefined => partials.get(error)

/**
 * A conversation with an application, which keeps its session id from answer to answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** That of the last answer. */
  readonly id: Effect.Effect<string | undefined>
  readonly call: (
    prompt: string,
    options?: CallOptions
  ) => Effect.Effect<ApplicationResult, DashScopeError, Application>
  readonly stream: (
    prompt: string,
    options?: CallOptions
  ) => Stream.Stream<ApplicationResult, DashScopeError, Application>
}

/**
 * Begins a conversation, or goes on with that of `sessionId`. Ask one question after another: the next needs the answer's id.
 *
 * @since 0.1.0
 * @category constructors
 */
export const session = (
  { sessionId, ...params }: Omit<ApplicationParams, "prompt" | "messages">
): Effect.Effect<Session> =>
  Effect.map(Ref.make(sessionId), (id) => {
    const keep = ({ output }: ApplicationResult) => output.sessionId ? Ref.set(id, output.sessionId) : Effect.void
    const asked = (prompt: string) => Effect.map(Ref.get(id), (sessionId) => ({ ...params, prompt, sessionId }))
    return {
      id: Ref.get(id),
      call: (prompt, options) => Effect.tap(Effect.flatMap(asked(prompt), (params) => call(params, options)), keep),
      stream: (prompt, options) =>
        Stream.tap(Stream.unwrap(Effect.map(asked(prompt), (params) => stream(params, options))), keep)
    }
  })

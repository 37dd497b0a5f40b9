/**
 * What can be said for one call, one stream, or all calls of a client; `DashScopeClient` exports it too.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import type * as Redacted from "effect/Redacted"
import type * as Endpoint from "./Endpoint.js"
import type { ServerEvent } from "./Envelope.js"
import type * as RateLimit from "./RateLimitState.js"
import type * as Retry from "./Retry.js"

/**
 * What one call may have of its own. An option that is not given is the layer's.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallOptions {
  /** The key of this call. A plain string is put into a `Redacted` at once. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /**
   * The longest the whole call may take, waiting for a connection included; then it is interrupted and fails with
   * `RequestTimeout` of phase `total`. For a stream it runs from its start to its end, regardless of what your program does with
   * the elements meanwhile: a stream that is begun and not read gives its connection back when this has passed, which no
   * other deadline does. `Duration.infinity` lifts the layer's. A bare number is refused: write a unit.
   */
  readonly timeout?: DurationWithUnit | undefined
  /**
   * For a stream, the longest wait for the first content, waiting for a connection included; then `RequestTimeout` of
   * phase `firstContent`. Heartbeats, comments and events without content are none. For a call that is not streamed, the
   * longest wait for the head of its answer, which the service sends when it has done its work.
   */
  readonly firstContentTimeout?: DurationWithUnit | undefined
  /**
   * For a stream, the longest wait between two events with content; then `RequestTimeout` of phase `content`. The time
   * that your program takes between elements does not count, here and in `firstContentTimeout`.
   */
  readonly contentTimeout?: DurationWithUnit | undefined
  /**
   * The largest event of a stream, in bytes; a larger one ends it with an `ApiError`. It bounds what is held in memory.
   * Default: 16 MiB.
   */
  readonly maxEventBytes?: number | undefined
  /**
   * Headers added to the request. They win over all others, but a `User-Agent` is appended to this library's. Those
   * that look like secrets (by name) are hidden from spans and taken out of error texts, as the key is.
   */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). */
  readonly workspace?: string | undefined
  /** Whether the service inspects input and output (`X-DashScope-DataInspection`). */
  readonly dataInspection?: boolean | undefined
  /** When the call is made again after an error; `false` for never. Default: the layer's. */
  readonly retry?: Retry.Policy | undefined
  /**
   * How long the service may keep the request waiting where calls come in bursts, instead of refusing it
   * (`X-DashScope-Wait-Timeout`, in whole seconds). It is added to `timeout`.
   */
  readonly waitTimeout?: DurationWithUnit | undefined
  /**
   * Who goes first where calls wait for a limit of `rateLimit`: those of `interactive`, but for every tenth turn. Default: that
   * of `RateLimit.withPriority`, else `interactive`.
   */
  readonly priority?: RateLimit.Priority | undefined
}

/**
 * What one stream may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamOptions extends CallOptions {
  /** Which events count for `firstContentTimeout` and `contentTimeout`. Default: all. */
  readonly isContent?: ((event: ServerEvent) => boolean) | undefined
  /**
   * Asked before each wait for more: whether the answer is complete. If so, the service has one second to end the stream
   * too, counted from the last content; then the stream ends, and its connection is given up. Default: the stream lasts as
   * long as the service leaves it open.
   */
  readonly isComplete?: (() => boolean) | undefined
  /** Called where the stream says by itself that it is at its end (`[DONE]`), which the native API never does. */
  readonly onEndMark?: (() => void) | undefined
}

/**
 * What holds for every call of a client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The key. A plain string is put into a `Redacted` at once. Where there is none, each call looks in
   * `DASHSCOPE_API_KEY`, the key file, and `~/.dashscope/api_key` (first line), until a key is found; and again after
   * the service refused it. The variables are read through the `ConfigProvider` and the files through the `FileSystem`
   * that the layer was built with.
   */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** A file whose first line is the key. Default: `DASHSCOPE_API_KEY_FILE_PATH`. */
  readonly apiKeyFile?: string | undefined
  /** Default: `DASHSCOPE_HTTP_BASE_URL`, else `"beijing"`. */
  readonly endpoint?: Endpoint.Endpoint | undefined
  /** The longest a whole call may take. Default: no limit. See {@link CallOptions}. */
  readonly timeout?: DurationWithUnit | undefined
  /** The longest wait for the first content of an answer. Default: no limit. See {@link CallOptions}. */
  readonly firstContentTimeout?: DurationWithUnit | undefined
  /** The longest pause in the content of a stream. Default: no limit. See {@link CallOptions}. */
  readonly contentTimeout?: DurationWithUnit | undefined
  /** Headers added to each request. See {@link CallOptions}. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). Default: that of the key. */
  readonly workspace?: string | undefined
  /**
   * Whether the service inspects input and output (`X-DashScope-DataInspection`). Default: true where
   * `DASHSCOPE_DISABLE_DATA_INSPECTION` is `false`, as in the Python SDK, else false.
   */
  readonly dataInspection?: boolean | undefined
  /**
   * When calls are made again after an error: see `Retry`. A stream is made again only before its first event. Default:
   * up to two retries with backoff, within a budget that all calls of the client share.
   */
  readonly retry?: Retry.Policy | undefined
  /** How long the service may keep requests waiting. See {@link CallOptions}. */
  readonly waitTimeout?: DurationWithUnit | undefined
  /**
   * Keeps the calls within the service's quotas, before they wait for a connection: see `RateLimit`. Options, a limiter that
   * `RateLimit.make` gave and others use too, or one of your own. Default: nothing is limited.
   */
  readonly rateLimit?: RateLimit.Options | RateLimit.Limiter | undefined
  /** Appended to the `User-Agent`, as the name and version of your program. */
  readonly userAgent?: string | undefined
  /** Changes the HTTP client, to log or to count requests, for example. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * Answers of the real service, recorded once into a file and replayed in tests: for every service, and for streams. It stands in
 * the place of the `HttpClient`, so that all above it is the program's own.
 *
 * - `record` asks the service for everything, and writes the file anew.
 * - `replay` asks nobody. A request that is not in the file ends the test with {@link NotRecorded}.
 * - `auto` replays what is in the file, and records what is not.
 *
 * A request is known by its method, its path with its query, and its body, whose fields may stand in any order. The same request
 * several times is answered in the order of the recording, and no more often than was recorded.
 *
 * **WebSockets** (tasks of speech, dialogues, realtime sessions) are recorded too, over the connection pool: give the layer the client of
 * `HttpClient.layer`. A session is known by its path, with its query, and by the first message that is sent; where the service
 * speaks first, by its path alone. Replayed, each message comes once all has been sent that was sent before it; the ids that this
 * library gives to tasks and events are those of now. What is sent has to be the same each time, audio byte by byte, so record what
 * comes from a file and not from a microphone. `transformClient` does not see WebSockets.
 *
 * No secret gets into the file: of headers only a few are kept, none of which holds a key; the key of the request is taken out of
 * all texts, as are fields of JSON that are named like a secret and the signatures of URLs. Look at a file before you commit it
 * all the same: prompts and answers are in it as they were.
 *
 * @example
 * import { NodeFileSystem } from "@effect/platform-node"
 * import { Cassette, DashScope, Generation } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * const Recorded = DashScope.layerWithoutHttpClient({ apiKey: "sk-any" }).pipe(
 *   Layer.provide(Cassette.layer({ path: "test/cassettes/greets.json" })),
 *   Layer.provide(NodeFileSystem.layer)
 * )
 *
 * export const test = Generation.call({ model: "qwen-plus", prompt: "Greet the reader." }).pipe(
 *   Effect.provide(Recorded)
 * )
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Beneath from "effect-http-pool/Beneath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Format from "./internal/cassette/format.js"
import * as Session from "./internal/cassette/session.js"
import * as Sockets from "./internal/cassette/sockets.js"

/**
 * What a test does with the service.
 *
 * @since 0.1.0
 * @category models
 */
export type Mode = "record" | "replay" | "auto"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Of the file. Its folder is made where it is missing. */
  readonly path: string
  /** Default: `replay`. */
  readonly mode?: Mode | undefined
  /** Names of further headers to keep, of requests and answers. One that may hold a secret does not belong here. */
  readonly headers?: ReadonlyArray<string> | undefined
  /** Takes further secrets out of texts, paths and bodies. It has to give the same for the same text. */
  readonly redact?: ((text: string) => string) | undefined
}

/**
 * A request that is not in the file, or was made more often than it was recorded; or a message of a WebSocket that goes another way.
 * It is a defect: no retry and no handler of
 * errors hides it.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotRecorded extends Schema.TaggedError<NotRecorded>("effect-dashscope/NotRecorded")("NotRecorded", {
  cassette: Schema.String,
  method: Schema.String,
  path: Schema.String,
  description: Schema.String
}) {
  override get message(): string {
    return `${this.method} ${this.path} is not in ${this.cassette}: ${this.description}. ` +
      `Record it with mode "record" or "auto"`
  }
}

/**
 * The file of a cassette cannot be read or written.
 *
 * @since 0.1.0
 * @category errors
 */
export class CassetteError
  extends Schema.TaggedError<CassetteError>("effect-dashscope/CassetteError")("CassetteError", {
    cassette: Schema.String,
    description: Schema.String
  })
{
  override get message(): string {
    return `The cassette ${this.cassette} cannot be used: ${this.description}`
  }
}

interface Recorded {
  readonly interaction: Format.Interaction
  used: boolean
}

const decodeFile = Schema.decodeUnknown(Schema.parseJson(Session.File))

const unusable = (cassette: string) => (error: { readonly message: string }) =>
  new CassetteError({ cassette, description: error.message })

const read = (
  fs: FileSystem.FileSystem,
  { mode = "replay", path }: Options
): Effect.Effect<Omit<Session.File, "version">, CassetteError> =>
  Effect.gen(function*() {
    if (mode === "record" || (mode === "auto" && !(yield* fs.exists(path)))) return { interactions: [] }
    return yield* Effect.flatMap(fs.readFileString(path), decodeFile)
  }).pipe(Effect.mapError(unusable(path)))

const write = (
  fs: FileSystem.FileSystem,
  path: string,
  content: Omit<Session.File, "version">
): Effect.Effect<void, CassetteError> =>
  Effect.gen(function*() {
    const folder = path.replace(/[/\\][^/\\]*$/, "")
    if (folder !== path) yield* fs.makeDirectory(folder, { recursive: true })
    yield* fs.writeFileString(path, `${JSON.stringify({ version: 1, ...content }, undefined, 2)}\n`)
  }).pipe(Effect.mapError(unusable(path)))

const keyOfRequest = (request: HttpClientRequest.HttpClientRequest): ReadonlyArray<string> => {
  const value = request.headers["authorization"]
  return value === undefined ? [] : [value, value.slice(value.indexOf(" ") + 1)]
}

const describeRequest = (
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  options: Options
): Format.Interaction["request"] => {
  const redact = Format.redactText(keyOfRequest(request), options.redact)
  const { body, headers, method } = request
  const kept = body._tag === "Uint8Array"
    ? Format.bodyOf(body.body, body.contentType, redact)
    : body._tag === "FormData"
    ? { left: "form" } as const
    : body._tag === "Stream"
    ? { left: "stream" } as const
    : body._tag === "Raw" && typeof body.body === "string"
    ? Format.bodyOf(new TextEncoder().encode(body.body), body.contentType, redact)
    : undefined
  return {
    method,
    path: Format.pathOf(url, redact),
    headers: Format.keptHeaders(headers, options.headers ?? [], redact),
    ...(kept === undefined ? undefined : { body: kept })
  }
}

/** Without a body where the status has none. */
const toResponse = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, status }: Format.Interaction["response"]
): HttpClientResponse.HttpClientResponse => {
  const pieces = Format.piecesOf(body)[Symbol.iterator]()
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = pieces.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    }
  })
  return HttpClientResponse.fromWeb(
    request,
    new Response(status === 204 || status === 304 ? null : stream, { status, headers })
  )
}

const missing = (options: Options, request: Format.Interaction["request"], recorded: ReadonlyArray<Recorded>) => {
  const sameKey = recorded.filter(({ interaction }) => Format.keyOf(interaction.request) === Format.keyOf(request))
  const samePath = recorded.filter(({ interaction: { request: { method, path } } }) =>
    method === request.method && path === request.path
  )
  const description = sameKey.length > 0
    ? `it was recorded ${sameKey.length === 1 ? "once" : `${sameKey.length} times`}, and is made once more`
    : samePath.length > 0
    ? `the file has this path with another body. Sent: ${
      request.body === undefined ? "nothing" : Format.normal(request.body).slice(0, 400)
    }`
    : `the file has ${recorded.length === 1 ? "1 other request" : `${recorded.length} other requests`}`
  return new NotRecorded({ cassette: options.path, method: request.method, path: request.path, description })
}

/**
 * An `HttpClient` that replays, or records what another one is answered. The layer does the same; this is for a client that is made
 * by hand, as the `transformClient` of `DashScope.layer` is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options
): Effect.Effect<
  (real: HttpClient.HttpClient) => HttpClient.HttpClient,
  CassetteError,
  FileSystem.FileSystem
> =>
  Effect.gen(function*() {
    const { mode = "replay" } = options
    const fs = yield* FileSystem.FileSystem
    const file = yield* read(fs, options)
    const recorded: Array<Recorded> = file.interactions.map((interaction) => ({ interaction, used: false }))
    const semaphore = yield* Effect.makeSemaphore(1)
    const save: Effect.Effect<void> = semaphore.withPermits(1)(Effect.suspend(() => {
      const { sessions } = sockets
      const content = {
        interactions: recorded.map(({ interaction }) => interaction),
        ...(sessions.length === 0 ? undefined : { sessions })
      }
      return Effect.orDie(write(fs, options.path, content))
    }))
    const sockets = Sockets.make({
      mode,
      headers: options.headers ?? [],
      redact: options.redact,
      save,
      missing: (path, description) =>
        new NotRecorded({ cassette: options.path, method: "WebSocket", path, description })
    }, file.sessions ?? [])

    const record = (
      real: HttpClient.HttpClient,
      request: HttpClientRequest.HttpClientRequest,
      asked: Format.Interaction["request"]
    ): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> =>
      Effect.gen(function*() {
        const response = yield* real.execute(request)
        const bytes = new Uint8Array(yield* response.arrayBuffer)
        const redact = Format.redactText(keyOfRequest(request), options.redact)
        const body = Format.bodyOf(bytes, response.headers["content-type"], redact)
        const interaction: Format.Interaction = {
          request: asked,
          response: {
            status: response.status,
            headers: Format.keptHeaders(response.headers, options.headers ?? [], redact),
            ...(body === undefined ? undefined : { body })
          }
        }
        recorded.push({ interaction, used: true })
        yield* save
        // What was taken out of the file is in this answer: the program goes on with the real one.
        return HttpClientResponse.fromWeb(
          request,
          new Response(response.status === 204 || response.status === 304 ? null : bytes, {
            status: response.status,
            headers: without(response.headers, "content-encoding", "content-length", "transfer-encoding")
          })
        )
      })

    return (real) => {
      const client = HttpClient.make((request, url) =>
        Effect.suspend(() => {
          const asked = describeRequest(request, url, options)
          const key = Format.keyOf(asked)
          const found = mode === "record"
            ? undefined
            : recorded.find(({ interaction, used }) => !used && Format.keyOf(interaction.request) === key)
          if (found !== undefined) {
            found.used = true
            return Effect.succeed(toResponse(request, found.interaction.response))
          }
          return mode === "replay" ? Effect.die(missing(options, asked, recorded)) : record(real, request, asked)
        })
      )
      Beneath.register(client, sockets.beneath(Beneath.of(real)))
      return client
    }
  })

const without = (
  headers: Readonly<Record<string, string>>,
  ...names: ReadonlyArray<string>
): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

/**
 * The same as a layer, over the `HttpClient` of the environment where there is one, and over `fetch` else.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options
): Layer.Layer<HttpClient.HttpClient, CassetteError, FileSystem.FileSystem> => {
  const real = Layer.effect(
    HttpClient.HttpClient,
    Effect.flatMap(
      Effect.serviceOption(HttpClient.HttpClient),
      Option.match({
        onNone: () => Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer),
        onSome: Effect.succeed
      })
    )
  )
  return Layer.provide(
    Layer.effect(
      HttpClient.HttpClient,
      Effect.zipWith(make(options), HttpClient.HttpClient, (through, client) => through(client))
    ),
    real
  )
}

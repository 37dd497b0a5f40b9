/**
 * A chat server on `@effect/platform`: an `HttpApi` with one page, and one endpoint that streams the answer as server-sent
 * events.
 *
 * What it takes care of: a visitor who leaves frees the permit and the connection of the call at once; the head of the answer
 * waits for the first text, so that its status says whether the call could be made (503 where too many wait); an error after
 * that is an event of its own; and the page never learns what the log does.
 */
import { Sse } from "@effect/experimental"
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Effect, Layer, Stream } from "effect"
import type { DashScopeError } from "effect-dashscope"
import { Generation, Message } from "effect-dashscope"
import { started } from "../internal/started.js"
import { Api, Busy, Failed, type Turn } from "./api.js"
import { page } from "./page.js"

const event = (name: string, data: unknown): string =>
  Sse.encoder.write({ _tag: "Event", event: name, id: undefined, data: JSON.stringify(data) })

const isBusy = (error: DashScopeError.DashScopeError): boolean =>
  error._tag === "PoolExhausted" || (error._tag === "ApiError" && error.reason === "RateLimited") ||
  (error._tag === "RequestTimeout" && error.phase === "acquire")

const refuse = (error: DashScopeError.DashScopeError) =>
  Effect.zipRight(
    Effect.logWarning(error.message),
    Effect.fail(
      isBusy(error)
        ? new Busy({ message: "Too many are asking just now. Try again in a moment." })
        : new Failed({ message: "There is no answer to be had." })
    )
  )

const said = (turns: ReadonlyArray<typeof Turn.Type>): ReadonlyArray<Message.Message> =>
  turns.map(({ content, role }) => role === "user" ? Message.user(content) : Message.assistant(content))

const answer = Effect.fn("answer")(function*(turns: ReadonlyArray<typeof Turn.Type>) {
  // For as long as the request: its scope closes with the answer, or when the visitor leaves.
  const texts = yield* started(Generation.streamText({ model: "qwen-plus", messages: said(turns) })).pipe(
    Effect.catchAll(refuse)
  )
  const events = texts.pipe(
    Stream.map((text) => event("text", text)),
    Stream.concat(Stream.make(event("done", {}))),
    Stream.catchAll((error) =>
      Stream.fromEffect(Effect.as(
        Effect.logWarning(error.message),
        event("failed", { message: "The answer broke off." })
      ))
    )
  )
  return HttpServerResponse.stream(Stream.encodeText(events), {
    contentType: "text/event-stream",
    // Proxies of the nginx family would otherwise collect the events.
    headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
  })
})

const Chat = HttpApiBuilder.group(Api, "chat", (handlers) =>
  handlers
    .handle("page", () => Effect.succeed(page))
    .handle("ask", ({ payload }) => answer(payload.messages)))

/** Needs `Generation`, and an `HttpServer` to be served by. */
export const ChatServer = HttpApiBuilder.serve().pipe(
  Layer.provide(HttpApiBuilder.api(Api)),
  Layer.provide(Chat)
)

/**
 * A route in the manner of Next.js (`app/api/ask/route.ts`): from a `Request` to a `Response`, as Hono, Bun, Deno and Workers have
 * it too.
 *
 * All requests share one `ManagedRuntime`, and so one pool. In development a framework loads its modules anew with each change:
 * kept on `globalThis`, the pool survives that.
 */
import { Effect, Exit, ManagedRuntime, Schema, Scope, Stream } from "effect"
import { ConnectionConfig, DashScope, type DashScopeError, Generation } from "effect-dashscope"
import { globalValue } from "effect/GlobalValue"
import { started } from "../internal/started.js"

type Runtime = ManagedRuntime.ManagedRuntime<Generation.Generation, unknown>

const shared = (): Runtime =>
  globalValue(
    "my-app/dashscope",
    () => ManagedRuntime.make(DashScope.layer({ connection: ConnectionConfig.make({ connectionPoolSize: 64 }) }))
  )

const Question = Schema.Struct({ prompt: Schema.NonEmptyString })

const statusOf = (error: DashScopeError.DashScopeError): number => {
  switch (error._tag) {
    case "PoolExhausted":
      return 503
    case "ApiError":
      return error.reason === "RateLimited" ? 503 : 502
    case "RequestTimeout":
      return 504
    default:
      return 502
  }
}

/** Its status tells whether there is an answer: it waits for the first text. Leaving ends the call. */
const answer = (prompt: string) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const pieces = yield* started(Generation.streamText({ model: "qwen-plus", prompt })).pipe(
      Scope.extend(scope),
      Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void)
    )
    const body = pieces.pipe(
      Stream.ensuringWith((exit) => Scope.close(scope, exit)),
      Stream.encodeText,
      Stream.toReadableStream()
    )
    return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } })
  })

export const makeRoute = (runtime: () => Runtime) => async (request: Request): Promise<Response> => {
  const body: unknown = await request.json().catch(() => undefined)
  const question = Schema.decodeUnknownEither(Question)(body)
  if (question._tag === "Left") return Response.json({ message: question.left.message }, { status: 400 })
  const responding = answer(question.right.prompt).pipe(
    Effect.catchAll((error) =>
      Effect.as(
        Effect.logWarning(error.message),
        Response.json({ message: "There is no answer to be had." }, { status: statusOf(error) })
      )
    )
  )
  return runtime().runPromise(responding, { signal: request.signal })
}

export const POST = makeRoute(shared)

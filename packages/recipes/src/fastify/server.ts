/**
 * An answer streamed by Fastify, from one `ManagedRuntime` that lasts as long as the server.
 *
 * The runtime is the edge: inside of it all is Effect, outside all is Fastify. It is built with the first request, and closed with
 * the server, after its last answer. A visitor who leaves ends the stream, and with it the call.
 */
import { Effect, ManagedRuntime, Schema, Stream } from "effect"
import { DashScope, Generation } from "effect-dashscope"
import Fastify from "fastify"
import { Readable } from "node:stream"

const Question = Schema.Struct({ prompt: Schema.NonEmptyString })

const isBusy = (error: unknown): boolean => Schema.is(Schema.Struct({ _tag: Schema.Literal("PoolExhausted") }))(error)

export const makeServer = (options: DashScope.Options = {}) => {
  const runtime = ManagedRuntime.make(DashScope.layer(options))
  const server = Fastify()

  server.addHook("onClose", () => runtime.dispose())

  server.post("/ask", async (request, reply) => {
    const question = Schema.decodeUnknownEither(Question)(request.body)
    if (question._tag === "Left") return reply.code(400).send({ message: question.left.message })
    const { prompt } = question.right
    const services = await runtime.runtime()
    const pieces = Generation.streamText({ model: "qwen-plus", prompt }).pipe(
      Stream.tapError((error) => Effect.logWarning(error.message)),
      Stream.encodeText,
      Stream.toReadableStreamRuntime(services)
    )
    return reply.type("text/plain; charset=utf-8").send(Readable.from(pieces))
  })

  // What is not streamed is a Promise like any other; leaving interrupts it.
  server.post("/title", async (request, reply) => {
    const question = Schema.decodeUnknownEither(Question)(request.body)
    if (question._tag === "Left") return reply.code(400).send({ message: question.left.message })
    const leaving = new AbortController()
    reply.raw.once("close", () => leaving.abort())
    const title = Generation.call({ model: "qwen-turbo", prompt: `A title for: ${question.right.prompt}` }).pipe(
      Effect.map(Generation.text),
      Effect.either
    )
    const result = await runtime.runPromise(title, { signal: leaving.signal })
    return result._tag === "Right"
      ? { title: result.right }
      : reply.code(isBusy(result.left) ? 503 : 502).send({ message: "There is no title to be had." })
  })

  return server
}

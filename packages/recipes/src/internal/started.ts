import { Chunk, Effect, Option, type Scope, Stream } from "effect"

/**
 * A stream whose first elements are here, so that an answer which begins with them can still say by its status how it went. It
 * fails as the stream does before its first elements, and lasts as long as the scope.
 */
export const started = <A, E, R>(
  self: Stream.Stream<A, E, R>
): Effect.Effect<Stream.Stream<A, E>, E, R | Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<R>()
    const pull = yield* Stream.toPull(Stream.provideContext(self, context))
    const first = yield* Effect.catchAll(
      pull,
      Option.match({ onNone: () => Effect.succeed(Chunk.empty<A>()), onSome: (error) => Effect.fail(error) })
    )
    return Stream.concat(Stream.fromChunk(first), Stream.fromPull(Effect.succeed(pull)))
  })

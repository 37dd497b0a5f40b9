/** A lease as a `Socket` of the platform, which Effect's major versions do not have in one shape. */
import * as PlatformSocket from "@effect/platform/Socket"
import * as Effect from "effect/Effect"
import type { WebSocketError } from "../../WebSocketError.js"
import type { Lease, Message } from "../../WebSocketLease.js"

/** @internal */
export interface SocketOptions {
  /** Whether a code with which the peer closes is an error. *Default*: all but 1000 and 1006 are. */
  readonly closeCodeIsError?: ((code: number) => boolean) | undefined
}

class Ended {
  constructor(readonly error: WebSocketError) {}
}

/** @internal */
export const toSocket = (lease: Lease, options?: SocketOptions): PlatformSocket.Socket => {
  const isError = options?.closeCodeIsError ?? PlatformSocket.defaultCloseCodeIsError
  const ended = (error: WebSocketError): Effect.Effect<void, PlatformSocket.SocketError> => {
    if (error._tag !== "WebSocketClosed") {
      return Effect.fail(new PlatformSocket.SocketGenericError({ reason: "Read", cause: error }))
    }
    const { code, reason } = error
    return isError(code)
      ? Effect.fail(new PlatformSocket.SocketCloseError({ reason: "Close", code, closeReason: reason }))
      : Effect.void
  }
  const take = Effect.mapError(lease.take, (error) => new Ended(error))
  const runRaw = <_, E, R>(
    handler: (message: Message) => Effect.Effect<_, E, R> | void,
    options?: { readonly onOpen?: Effect.Effect<void> | undefined }
  ): Effect.Effect<void, PlatformSocket.SocketError | E, R> => {
    const handle = (message: Message): Effect.Effect<unknown, E, R> => handler(message) ?? Effect.void
    const handleAll = Effect.flatMap(take, (messages) => Effect.forEach(messages, handle, { discard: true }))
    return Effect.zipRight(options?.onOpen ?? Effect.void, Effect.forever(handleAll)).pipe(
      Effect.catchAll((error): Effect.Effect<void, PlatformSocket.SocketError | E> =>
        error instanceof Ended ? ended(error.error) : Effect.fail(error)
      )
    )
  }
  const write = (chunk: Message | PlatformSocket.CloseEvent): Effect.Effect<void, PlatformSocket.SocketError> =>
    PlatformSocket.isCloseEvent(chunk)
      ? lease.close(chunk.code, chunk.reason)
      : Effect.mapError(lease.send(chunk), (cause) => new PlatformSocket.SocketGenericError({ reason: "Write", cause }))
  const encoder = new TextEncoder()
  return PlatformSocket.Socket.of({
    [PlatformSocket.TypeId]: PlatformSocket.TypeId,
    runRaw,
    run: (handler, options) =>
      runRaw((message) => handler(typeof message === "string" ? encoder.encode(message) : message), options),
    writer: Effect.succeed(write)
  })
}

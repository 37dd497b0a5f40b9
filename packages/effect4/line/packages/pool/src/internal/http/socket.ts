/** A lease as a `Socket` of the platform: for Effect 4. */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as PlatformSocket from "effect/socket/Socket"
import type { WebSocketError } from "../../WebSocketError.js"
import type { Lease, Message } from "../../WebSocketLease.js"

/** A reader of Effect 4 ends with the code of the peer's close, whatever that is: there is nothing to choose. @internal */
export interface SocketOptions {
  readonly closeCodeIsError?: undefined
}

const closed = (code: number, closeReason: string): PlatformSocket.SocketError =>
  new PlatformSocket.SocketError({ reason: new PlatformSocket.SocketCloseError({ code, closeReason }) })

const readError = (error: WebSocketError): PlatformSocket.SocketError =>
  error._tag === "WebSocketClosed"
    ? closed(error.code, error.reason)
    : new PlatformSocket.SocketError({ reason: new PlatformSocket.SocketReadError({ cause: error }) })

/** @internal */
export const toSocket = (lease: Lease, _options?: SocketOptions): PlatformSocket.Socket => {
  const take = Effect.map(
    Effect.mapError(lease.take, readError),
    // There is at least one.
    (messages) => messages as unknown as NonEmptyReadonlyArray<Message>
  )
  const write = (chunk: Message | PlatformSocket.CloseEvent): Effect.Effect<void, PlatformSocket.SocketError> =>
    PlatformSocket.isCloseEvent(chunk)
      ? lease.close(chunk.code, chunk.reason)
      : Effect.mapError(
        lease.send(chunk),
        (cause) => new PlatformSocket.SocketError({ reason: new PlatformSocket.SocketWriteError({ cause }) })
      )
  return PlatformSocket.make({
    reader: Effect.gen(function*() {
      // Who waits for a message when the reader's scope closes is told.
      const gone = yield* Deferred.make<never, PlatformSocket.SocketError>()
      yield* Effect.addFinalizer(() => Deferred.fail(gone, closed(1006, "")))
      return {
        pull: Effect.raceFirst(take, Deferred.await(gone)),
        upgrade: PlatformSocket.SocketUpgradeError.unsupported
      }
    }),
    writer: Effect.succeed({
      write,
      writeAll: (chunks) => Effect.forEach(chunks, write, { discard: true })
    })
  })
}

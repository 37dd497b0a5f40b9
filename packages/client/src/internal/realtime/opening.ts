import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import type { RealtimeParams } from "../../RealtimeParams.js"
import type { RealtimeOptions } from "../../RealtimeSession.js"
import type { ServiceSocket, SocketRequest } from "../../ServiceSocket.js"
import type { Operations } from "../operation/observe.js"
import { durationOf, withoutOptions } from "../protocol/options.js"
import { traitsOf } from "./families.js"
import { OpenSession, type SessionAnswer } from "./session.js"
import * as Update from "./update.js"

/** What sessions need of the client. @internal */
export interface Client {
  readonly baseUrl: string
  readonly connect: <A>(
    request: SocketRequest,
    begin: (socket: ServiceSocket) => Effect.Effect<A, DashScopeError>,
    options?: CallOptions
  ) => Effect.Effect<A, DashScopeError, Scope.Scope>
}

const defaultFinishTimeout = Duration.seconds(20)

/** Opens a session, as an operation that is seen and counted, for as long as the scope. @internal */
export const open = (
  client: Client,
  operations: Operations<RealtimeParams, SessionAnswer>,
  params: RealtimeParams,
  options: RealtimeOptions = {}
): Effect.Effect<OpenSession, DashScopeError, Scope.Scope> =>
  Effect.suspend(() => {
    const traits = traitsOf(params.model ?? "", params.family)
    const checked = Either.all({
      session: Update.opening(params, traits),
      finishTimeout: durationOf("finishTimeout", options.finishTimeout)
    })
    if (Either.isLeft(checked)) return Effect.fail(checked.left)
    const { finishTimeout, session } = checked.right
    const infinite = options.finishTimeout !== undefined && finishTimeout === undefined
    return operations.scoped(params, (operation, failed) =>
      Effect.gen(function*() {
        const scope = yield* Effect.scope
        const opened = yield* client.connect(
          { path: "/realtime", urlParams: { model: params.model }, model: params.model },
          (socket) => {
            const opening = new OpenSession(socket, traits, params.turnDetection?.createResponse !== false)
            return Effect.as(opening.open(session), opening)
          },
          withoutOptions(options, ["finishTimeout"])
        )
        opened.watch({
          operation,
          failed,
          scope,
          finishTimeout: infinite ? Duration.infinity : finishTimeout ?? defaultFinishTimeout
        })
        return opened
      }))
  })

/** What Effect 3's NodeHttpServer has and Effect 4's does not, with the signatures of Effect 3. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import type * as Http from "node:http"

type App = Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest>

/**
 * Answers end with the scope of the handler, where Effect 3 lets them go on. Effect 4 begins an app without a router where it
 * cannot be interrupted.
 */
export const makeHandler = (
  app: App
): Effect.Effect<(request: Http.IncomingMessage, response: Http.ServerResponse) => void, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => NodeHttpServer.makeHandler(Effect.interruptible(app), { scope }))

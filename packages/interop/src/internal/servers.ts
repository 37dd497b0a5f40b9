/** The simulators that one program talks to, and a way for it to ask what they saw. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpServer from "@effect/platform/HttpServer"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Path from "@effect/platform/Path"
import type { RecordedRequest, Stats } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import { withMessages } from "./messages.js"
import { saidTo } from "./realtime.js"

export interface Servers {
  /** Where they are, as a program is told. */
  readonly environment: Readonly<Record<string, string>>
  /** The base URL of the first. */
  readonly url: string
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest.RecordedRequest>>
}

const key = "interop-key"

const countersOf = ({ byPort: _, ...counters }: Stats.Stats) => counters

/** Longer than any client needs to close its connections, and short enough to tell which check it was. */
const patience = "10 seconds"

/**
 * The server's side of the story over HTTP, on a port of its own so that asking does not change it.
 */
const control = (simulator: Simulator.Service) => {
  const answer = (value: unknown) => Effect.orDie(HttpServerResponse.json(value))
  const counters = Effect.flatMap(simulator.stats, (stats) => answer(countersOf(stats)))
  const once = (predicate: (stats: Stats.Stats) => boolean) =>
    simulator.waitFor(predicate).pipe(Effect.timeoutOption(patience), Effect.zipRight(counters))
  const routes = new Map([
    ["GET /stats", counters],
    ["GET /resting", once((stats) => stats.requestsInFlight === 0)],
    ["GET /idle", once((stats) => stats.openConnections === 0 && stats.requestsInFlight === 0)],
    ["GET /last", Effect.flatMap(simulator.requests, (requests) => answer(requests[requests.length - 1]))],
    ["GET /messages", Effect.flatMap(saidTo(simulator), answer)],
    ["POST /reset", Effect.zipRight(simulator.resetStats, answer({}))],
    ["POST /forget", Effect.zipRight(simulator.clearRequests, answer({}))],
    ["POST /close-idle", Effect.zipRight(simulator.closeIdleConnections, answer({}))]
  ])
  const missing = Effect.succeed(HttpServerResponse.empty({ status: 404 }))
  return Effect.flatMap(
    HttpServerRequest.HttpServerRequest,
    ({ method, url }) => routes.get(`${method} ${url}`) ?? missing
  )
}

/**
 * @param wireKeys the keys of the requests that are compared
 * @param folder where the authority of the one with TLS is put
 */
export const make = (
  wireKeys: ReadonlyArray<string>,
  folder: string
): Effect.Effect<
  Servers,
  HttpServerError.ServeError | PlatformError,
  Scope.Scope | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ hosts: 2, apiKeys: [key, ...wireKeys], record: 10_000 })
    const limited = yield* Simulator.make({ rateLimit: { requests: 1, perMillis: 3_600_000 } })
    const secure = yield* Simulator.make({ tls: true })
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const caFile = path.join(folder, "ca.pem")
    yield* fs.writeFileString(caFile, secure.ca ?? "")
    const asked = yield* NodeHttpServer.make(() => Http.createServer(), { host: "127.0.0.1", port: 0 })
    yield* asked.serve(control(simulator))
    return {
      environment: {
        INTEROP_BASE_URL: simulator.url,
        INTEROP_OTHER_URL: simulator.urls[1] ?? simulator.url,
        INTEROP_LIMITED_URL: limited.url,
        INTEROP_TLS_URL: secure.url,
        INTEROP_CA_FILE: caFile,
        INTEROP_CONTROL_URL: HttpServer.formatAddress(asked.address),
        INTEROP_KEY: key
      },
      url: simulator.url,
      requests: Effect.zipWith(simulator.requests, simulator.messages, withMessages)
    }
  })

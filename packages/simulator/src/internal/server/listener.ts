/**
 * One port: a Node server whose connections and requests are watched, counted and made to fail.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import type { TLSSocket } from "node:tls"
import type { Behavior } from "../../Behavior.js"
import { fromJson, headerName, healthy } from "../../Behavior.js"
import type { KeyPair } from "../../Certificates.js"
import type { RecordedRequest } from "../../RecordedRequest.js"
import { digest, uuid } from "../core/hash.js"
import type { Answer } from "./answer.js"
import { failure } from "./answer.js"
import type { RequestBody } from "./body.js"
import { readerFor } from "./body.js"
import { failureOf } from "./errors.js"
import type { Gauges, OpenConnection, OpenRequest } from "./gauges.js"
import type { Breakable } from "./perform.js"
import { perform } from "./perform.js"
import { plan } from "./plan.js"
import type { RateRefusal } from "./rateLimit.js"
import { dialectOf } from "./router.js"
import type { Arrived, Site } from "./serve.js"
import { serve, single } from "./serve.js"
import type { Headers } from "./step.js"
import { noteSubmission } from "./taskCounts.js"

/** @internal */
export interface ConnectionFaults {
  readonly resetOnAccept: number
  readonly stallHandshake: number
  readonly closeIdleAfter: number | undefined
  readonly closeIdleRandomly: number
}

/**
 * What all ports of one simulator share.
 *
 * @internal
 */
export interface Shared {
  readonly gauges: Gauges
  readonly site: Site
  readonly random: () => number
  readonly uniqueRequestIds: boolean
  readonly behaviorOf: ((request: RecordedRequest) => Behavior | undefined) | undefined
  /** Refuses a request with the seconds to wait; `undefined` lets it in. */
  readonly limit: () => RateRefusal | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly record: ((request: RecordedRequest) => void) | undefined
  /** Takes the requests outside of the API. */
  readonly app: RequestListener | undefined
  behavior: Behavior
  faults: ConnectionFaults
  connections: number
  requests: number
}

/** @internal */
export interface TlsSettings extends KeyPair {
  readonly clientCa: string | undefined
}

class Connection {
  requests = 0
  inFlight = 0
  idle: NodeJS.Timeout | undefined
  counted: OpenConnection | undefined
  serving: OpenRequest | undefined

  constructor(readonly number: number, readonly tcp: Net.Socket) {}

  destroy(): void {
    this.gone()
    this.tcp.destroy()
  }

  resetAndDestroy(): void {
    this.gone()
    this.tcp.resetAndDestroy()
  }

  /** It counts no more, at once: once it is closed here, nobody will read whether its client had gone before. */
  private gone(): void {
    this.serving?.done(false)
    this.counted?.gone()
  }
}

/** @internal */
export interface Listener {
  readonly server: Http.Server
  /** Tells the port, once it is known. */
  readonly opened: (port: number) => void
  readonly openConnections: () => number
  /** Ends connections at once; only those without a request in flight, if so asked. */
  readonly destroyConnections: (onlyIdle: boolean) => void
}

/** @internal */
export const makeListener = (shared: Shared, tls: TlsSettings | undefined): Listener => {
  // Node's own time limits are off: what ends here is ended by a behaviour.
  const options = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, noDelay: true }
  const server: Http.Server = tls === undefined
    ? Http.createServer(options)
    : Https.createServer({
      ...options,
      cert: tls.cert,
      key: tls.key,
      ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true })
    })
  const live = new Map<Net.Socket, Connection>()
  /** By the socket that requests come on: that of TLS, or the connection's own. */
  const bySocket = new WeakMap<Net.Socket, Connection>()
  let port = 0

  const restartIdle = (connection: Connection): void => {
    const { closeIdleAfter } = shared.faults
    clearTimeout(connection.idle)
    if (closeIdleAfter !== undefined) {
      connection.idle = setTimeout(() => connection.destroy(), closeIdleAfter)
    }
  }

  const onConnection = (tcp: Net.Socket, takeOver: () => void): void => {
    const connection = new Connection(++shared.connections, tcp)
    live.set(tcp, connection)
    bySocket.set(tcp, connection)
    const counted = shared.gauges.connectionOpened(port, () => ({ received: tcp.bytesRead, sent: tcp.bytesWritten }))
    connection.counted = counted
    tcp.on("error", counted.gone)
    tcp.once("end", counted.gone)
    tcp.once("close", () => {
      clearTimeout(connection.idle)
      live.delete(tcp)
      counted.closed()
    })
    const { resetOnAccept, stallHandshake } = shared.faults
    if (resetOnAccept > 0 && shared.random() < resetOnAccept) {
      connection.resetAndDestroy()
    } else if (stallHandshake > 0 && shared.random() < stallHandshake) {
      // Reads on, only to notice the end.
      tcp.once("end", () => tcp.destroy())
      tcp.resume()
    } else {
      restartIdle(connection)
      takeOver()
    }
  }

  // Node's own listeners would start a handshake or a parser; they run only for the connections that are let in.
  const own = server.listeners("connection")
  server.removeAllListeners("connection")
  server.on("connection", (tcp: Net.Socket) =>
    onConnection(tcp, () => {
      for (const listener of own) {
        listener.call(server, tcp)
      }
    }))
  server.on("secureConnection", (secure: TLSSocket) => {
    // The only public tie between the two sockets is the client's port.
    for (const connection of live.values()) {
      if (connection.tcp.remotePort === secure.remotePort) {
        bySocket.set(secure, connection)
        secure.once("end", () => connection.counted?.gone())
        break
      }
    }
  })

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = bySocket.get(request.socket)
    const counted = shared.gauges.requestArrived(port)
    const index = ++shared.requests
    const arrivedAt = Date.now()
    let ordinal = 1
    if (connection !== undefined) {
      ordinal = ++connection.requests
      connection.inFlight++
      connection.serving = counted
      clearTimeout(connection.idle)
    }
    // Comes after `finish`, and also where that does not come at all.
    response.once("close", () => {
      const answered = response.writableFinished
      counted.done(answered)
      if (connection !== undefined) {
        connection.inFlight--
        connection.serving = undefined
        if (answered && connection.inFlight === 0) {
          afterAnswer(connection)
        }
      }
    })
    const path = request.url ?? "/"
    if (shared.app !== undefined && !ours.test(path)) {
      shared.app(request, response)
      return
    }
    const seen = {
      index,
      method: request.method ?? "",
      path,
      headers: request.headers,
      port,
      connection: connection?.number ?? 0,
      ordinal,
      arrivedAt
    }
    const asked = askedBehavior(request)
    const fault = ((typeof asked === "string" ? undefined : asked) ?? shared.behavior).fault
    if (fault?._tag === "NeverReadRequest") {
      shared.record?.({ ...seen, body: "" })
      if (fault.resumeAfter !== undefined) {
        const timer = setTimeout(() => request.resume(), fault.resumeAfter)
        response.once("close", () => clearTimeout(timer))
      }
      return
    }
    readBody(request, (body) => {
      const recorded: RecordedRequest = { ...seen, body: body.text }
      shared.record?.(recorded)
      respond(recorded, body, asked, response, connection ?? request.socket)
    })
  })

  const afterAnswer = (connection: Connection): void => {
    const { closeIdleRandomly } = shared.faults
    if (closeIdleRandomly > 0 && shared.random() < closeIdleRandomly) {
      connection.destroy()
    } else {
      restartIdle(connection)
    }
  }

  const respond = (
    request: RecordedRequest,
    body: RequestBody,
    asked: Behavior | string | undefined,
    response: ServerResponse,
    connection: Breakable
  ): void => {
    const requestId = uuid(digest(identityOf(request, shared.uniqueRequestIds)))
    const streamed = request.headers["x-dashscope-sse"] === "enable"
    const refusal = shared.limit()
    const behavior = typeof asked === "string" ? healthy : asked ?? shared.behaviorOf?.(request) ?? shared.behavior
    const arrived: Arrived = {
      method: request.method,
      target: request.path,
      headers: request.headers,
      body,
      streamed,
      requestId,
      behavior,
      now: shared.now()
    }
    noteSubmission(shared.site.state, arrived)
    const answer: Answer = typeof asked === "string"
      ? failure(400, "SimulatorBehavior", asked)
      : refusal !== undefined
      ? failureOf({ status: 429 })
      : refuses(behavior)
      ? failureOf(behavior.error ?? {})
      : serve(arrived, shared.site)
    perform(
      plan({
        answer,
        behavior,
        streamed,
        dialect: dialectOf(request.path),
        requestId,
        retryAfter: refusal?.retryAfter,
        headers: () => answerHeaders(requestId, request.arrivedAt)
      }),
      response,
      connection
    )
  }

  return {
    server,
    opened: (known) => {
      port = known
      shared.gauges.addPort(known)
    },
    openConnections: () => live.size,
    destroyConnections: (onlyIdle) => {
      for (const connection of live.values()) {
        if (!onlyIdle || connection.inFlight === 0) {
          connection.destroy()
        }
      }
    }
  }
}

/** Whether a request is refused whatever it asks for; a service that refuses has done nothing. */
const refuses = ({ error, stream }: Behavior): boolean =>
  error !== undefined && error.asEvent === undefined && stream?.errorAfterEvents === undefined

/** The paths that are the simulator's own, with any app beside it. */
const ours = /^\/(?:api\/v1|compatible-mode\/v1|compatible-api\/v1|api-ws\/v1|storage)(?:[/?]|$)/

/** What an answer depends on; a model's, on the body alone. */
const identityOf = ({ body, index, method, path }: RecordedRequest, unique: boolean): string => {
  const what = body === "" ? `${method} ${path}` : body
  return unique ? `${index}/${what}` : what
}

const readBody = (request: IncomingMessage, done: (body: RequestBody) => void): void => {
  const reader = readerFor(request.headers["content-type"])
  request.on("data", reader.write)
  request.on("end", () => done(reader.end()))
}

/** Tests send few different behaviours, often. */
const known = new Map<string, Behavior | string>()
const mostKnown = 200

/** The behaviour a request asks for; a text where that cannot be read. */
const askedBehavior = (request: IncomingMessage): Behavior | string | undefined => {
  const text = single(request.headers[headerName])
  if (text === undefined) {
    return undefined
  }
  const before = known.get(text)
  if (before !== undefined) {
    return before
  }
  const decoded = fromJson(text)
  const read = decoded._tag === "Right" ? decoded.right : `The header ${headerName} is wrong: ${decoded.left.message}`
  if (known.size < mostKnown) {
    known.set(text, read)
  }
  return read
}

const answerHeaders = (requestId: string, arrivedAt: number): Headers => {
  const now = Date.now()
  return {
    "x-request-id": requestId,
    "x-dashscope-call-gateway": "true",
    "x-dashscope-timeout": "300",
    "req-cost-time": String(now - arrivedAt),
    "req-arrive-time": String(arrivedAt),
    "resp-start-time": String(now),
    server: "dashscope-simulator"
  }
}

/**
 * Stops accepting, and leaves the open connections alone; `Http.Server.close` would end the idle ones.
 *
 * @internal
 */
export const stopListening = (server: Http.Server): void => {
  if (server.listening) {
    Net.Server.prototype.close.call(server)
  }
}

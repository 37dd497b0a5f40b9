/**
 * One port: a Node server whose connections and requests are watched, counted and made to fail.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import type { Duplex } from "node:stream"
import type { TLSSocket } from "node:tls"
import type { Behavior } from "../../Behavior.js"
import { fromJson, headerName, healthy } from "../../Behavior.js"
import type { KeyPair } from "../../Certificates.js"
import type { RecordedRequest } from "../../RecordedRequest.js"
import { digest, uuid } from "../core/hash.js"
import type { Session } from "../sockets/route.js"
import { upgrade } from "../sockets/upgrade.js"
import type { Answer } from "./answer.js"
import { failure } from "./answer.js"
import type { RequestBody } from "./body.js"
import { readerFor } from "./body.js"
import { failureOf } from "./errors.js"
import type { OpenConnection, OpenRequest } from "./gauges.js"
import type { Breakable } from "./perform.js"
import { perform } from "./perform.js"
import { plan } from "./plan.js"
import { dialectOf } from "./router.js"
import type { Arrived } from "./serve.js"
import { serve, single } from "./serve.js"
import type { Shared } from "./shared.js"
import type { Headers } from "./step.js"
import { noteSubmission } from "./taskCounts.js"

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
  /** Of a WebSocket. */
  session: Session | undefined

  constructor(readonly number: number, readonly tcp: Net.Socket) {}

  get isIdle(): boolean {
    return this.inFlight === 0 && this.session?.isIdle() !== false
  }

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

  /** What a request is before its body is known. */
  const arrive = (request: IncomingMessage, connection: Connection | undefined) => {
    const counted = shared.gauges.requestArrived(port)
    const seen = {
      index: ++shared.requests,
      method: request.method ?? "",
      path: request.url ?? "/",
      headers: request.headers,
      port,
      connection: connection?.number ?? 0,
      ordinal: 1,
      arrivedAt: Date.now()
    }
    if (connection !== undefined) {
      seen.ordinal = ++connection.requests
      connection.inFlight++
      connection.serving = counted
      clearTimeout(connection.idle)
    }
    return { counted, seen }
  }

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = bySocket.get(request.socket)
    const { counted, seen } = arrive(request, connection)
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
    if (shared.app !== undefined && !ours.test(seen.path)) {
      shared.app(request, response)
      return
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

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const connection = bySocket.get(request.socket)
    if (connection === undefined || request.headers.upgrade?.toLowerCase() !== "websocket") {
      goOn(request, socket, head)
      return
    }
    const { counted, seen } = arrive(request, connection)
    const answered = (isAnswered: boolean) => {
      if (connection.serving === counted) {
        connection.serving = undefined
        connection.inFlight--
      }
      counted.done(isAnswered)
    }
    socket.once("close", () => answered(false))
    const recorded: RecordedRequest = { ...seen, body: "" }
    shared.record?.(recorded)
    const requestId = uuid(digest(identityOf(recorded, shared.uniqueRequestIds)))
    upgrade(shared, {
      request,
      socket,
      head,
      recorded,
      requestId,
      asked: askedBehavior(request),
      connection,
      headers: () => answerHeaders(requestId, recorded.arrivedAt),
      recordTask: (method, body) => {
        const task: RecordedRequest = {
          ...recorded,
          index: ++shared.requests,
          method,
          body,
          ordinal: ++connection.requests,
          arrivedAt: Date.now()
        }
        shared.record?.(task)
        return task
      },
      answered,
      opened: (session) => {
        connection.session = session
        restartIdle(connection)
      },
      onBusy: () => clearTimeout(connection.idle),
      onIdle: () => afterAnswer(connection)
    })
  })

  /** A request that offers another protocol, such as h2c: it is answered as if it had not. */
  const goOn = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const fields = request.rawHeaders.flatMap((name, i) =>
      i % 2 === 0 && !/^(?:upgrade|connection)$/i.test(name) ? [`${name}: ${request.rawHeaders[i + 1] ?? ""}\r\n`] : []
    )
    const again = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n${fields.join("")}\r\n`
    socket.unshift(Buffer.concat([Buffer.from(again, "latin1"), head]))
    for (const listener of tls === undefined ? own : server.listeners("secureConnection").slice(0, 1)) {
      listener.call(server, socket)
    }
  }

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
    const served: Answer = typeof asked === "string"
      ? failure(400, "SimulatorBehavior", asked)
      : refusal !== undefined
      ? failureOf({ status: 429 })
      : refuses(behavior)
      ? failureOf(behavior.error ?? {})
      : serve(arrived, shared.site)
    const refused = refusal === undefined ? shared.quotas.refuse(request.body, served) : undefined
    const answer = refused?.answer ?? served
    perform(
      plan({
        answer,
        behavior,
        streamed,
        dialect: dialectOf(request.path),
        requestId,
        retryAfter: (refusal ?? refused)?.retryAfter,
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
        if (!onlyIdle || connection.isIdle) {
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

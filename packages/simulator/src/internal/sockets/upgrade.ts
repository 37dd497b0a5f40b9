/**
 * A handshake: refused as HTTP would refuse a request, or answered with a WebSocket.
 */
import type { IncomingMessage } from "node:http"
import { ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import { WebSocketServer } from "ws"
import type { Behavior } from "../../Behavior.js"
import { healthy } from "../../Behavior.js"
import type { RecordedRequest } from "../../RecordedRequest.js"
import type { Failure } from "../server/answer.js"
import { failure } from "../server/answer.js"
import { failureOf } from "../server/errors.js"
import type { Breakable } from "../server/perform.js"
import { perform } from "../server/perform.js"
import { plan } from "../server/plan.js"
import type { RateRefusal } from "../server/rateLimit.js"
import { checkKey, keyOf } from "../server/serve.js"
import type { Shared } from "../server/shared.js"
import type { Headers } from "../server/step.js"
import { Peer } from "./peer.js"
import { refusesAtOnce } from "./refuses.js"
import type { Session, SocketIncoming } from "./route.js"

/** @internal */
export interface Handshake {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** The first bytes after the request. */
  readonly head: Buffer
  readonly recorded: RecordedRequest
  readonly requestId: string
  /** What the request asks for by itself; a text where that cannot be read. */
  readonly asked: Behavior | string | undefined
  readonly connection: Breakable
  readonly headers: () => Headers
  /** Records a message as a request of the same connection. */
  readonly recordTask: (method: string, body: string) => RecordedRequest
  /** The answer is sent, or the connection ended before. */
  readonly answered: (isAnswered: boolean) => void
  readonly opened: (session: Session) => void
  readonly onBusy: () => void
  readonly onIdle: () => void
}

/** Text and binary messages of more bytes than the largest that any service takes: 15 MiB of audio in a session. */
const maxPayload = 16 * 1024 * 1024

/** Bytes of a text message that are recorded. */
const mostRecorded = 64 * 1024

const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload })

const beforeHeaders: ReadonlySet<string | undefined> = new Set([
  "CloseBeforeHeaders",
  "ResetBeforeHeaders",
  "StallBeforeHeaders",
  "NeverReadRequest"
])

/** @internal */
export const upgrade = (shared: Shared, handshake: Handshake): void => {
  const { asked, recorded, request } = handshake
  handshake.socket.on("error", () => {})
  const behavior = typeof asked === "string" ? healthy : asked ?? shared.behaviorOf?.(recorded) ?? shared.behavior
  const limited = shared.limit()
  const path = pathOf(recorded.path)
  const route = shared.sockets.routes.get(path.endsWith("/") ? path.slice(0, -1) : path)
  const refusal = typeof asked === "string"
    ? failure(400, "SimulatorBehavior", asked)
    : limited !== undefined
    ? failureOf({ status: 429 })
    : refusesAtOnce(behavior)
    ? failureOf(behavior.error ?? {})
    : checkKey(keyOf(request.headers), shared.site, shared.now())
  const wrong = refusal ??
    (route === undefined ? failure(404, "NotFound", `There is no WebSocket at ${path}.`) : undefined)
  if (wrong !== undefined || beforeHeaders.has(behavior.fault?._tag)) {
    refuse(shared, handshake, wrong ?? failureOf({}), behavior, limited)
    return
  }
  const open = () =>
    server.handleUpgrade(request, handshake.socket, handshake.head, (ws) => {
      handshake.answered(true)
      if (route !== undefined) {
        converse(shared, handshake, behavior, ws, route.open)
      }
    })
  if (behavior.latency === undefined) {
    open()
    return
  }
  const timer = setTimeout(open, behavior.latency)
  handshake.socket.once("close", () => clearTimeout(timer))
}

const pathOf = (target: string): string => {
  const at = target.indexOf("?")
  return at < 0 ? target : target.slice(0, at)
}

/** Answers as HTTP does, and ends the connection: Node has given it away. */
const refuse = (
  shared: Shared,
  handshake: Handshake,
  answer: Failure,
  behavior: Behavior,
  limited: RateRefusal | undefined
): void => {
  const { connection, headers, request, requestId, socket } = handshake
  shared.sockets.counts.numbers.refused++
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  if (socket instanceof Socket) {
    response.assignSocket(socket)
  }
  socket.on("drain", () => response.emit("drain"))
  // A client that ends without an answer.
  socket.once("end", () => connection.destroy())
  socket.resume()
  response.once("finish", () => {
    handshake.answered(true)
    socket.end(() => connection.destroy())
  })
  perform(
    plan({
      answer,
      behavior,
      streamed: false,
      dialect: "native",
      requestId,
      retryAfter: limited?.retryAfter,
      headers
    }),
    response,
    connection
  )
}

const converse = (
  shared: Shared,
  handshake: Handshake,
  behavior: Behavior,
  ws: WebSocket,
  open: (peer: Peer, incoming: SocketIncoming) => Session
): void => {
  const { connection, recorded, socket } = handshake
  const { counts, record, routes: _, ...sockets } = shared.sockets
  const peer = new Peer(ws, socket, connection, counts)
  const gone = counts.opened()
  ws.on("error", () => {})
  socket.once("end", gone)
  if (behavior.fault?._tag === "ResetAfterHeaders") {
    peer.reset()
  } else if (behavior.fault?._tag === "StallAfterHeaders") {
    peer.isOver = true
  }
  const session = open(peer, {
    path: pathOf(recorded.path),
    query: new URL(recorded.path, "http://127.0.0.1").searchParams,
    requestId: handshake.requestId,
    state: shared.site.state,
    settings: shared.site.settings,
    sockets: sockets.settings,
    counts,
    timer: sockets.timer,
    now: shared.now,
    behavior,
    behaviorOf: (method, body) => {
      const task = handshake.recordTask(method, body)
      return typeof handshake.asked === "object"
        ? handshake.asked
        : shared.behaviorOf?.(task) ?? shared.behavior
    },
    onBusy: handshake.onBusy,
    onIdle: handshake.onIdle
  })
  handshake.opened(session)
  ws.on("message", (data: Buffer, isBinary) => {
    const text = isBinary ? undefined : data.toString()
    counts.numbers.messagesReceived++
    record?.({
      connection: recorded.connection,
      path: recorded.path,
      text: text === undefined || data.length <= mostRecorded ? text : data.toString("utf8", 0, mostRecorded),
      bytes: data.length,
      arrivedAt: Date.now()
    })
    if (peer.isOver) {
      return
    }
    if (text === undefined) {
      session.onBinary(data)
    } else {
      session.onText(text)
    }
  })
  ws.on("pong", () => {
    counts.numbers.pongs++
  })
  ws.once("close", () => {
    gone()
    session.onClose()
  })
}

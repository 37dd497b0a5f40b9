/**
 * What will be done to a connection in answer to a request, step by step. Planning is pure, so every behaviour can be
 * tested without a socket; `perform.ts` does what is planned. Plans are lazy and may be endless.
 */
import type { Behavior } from "../../Behavior.js"
import type { Body, Exchange } from "./content.js"
import { bodyFor } from "./content.js"
import type { Headers, Step } from "./step.js"
import { close, noHeaders, reset, stall, wait } from "./step.js"
import { travelOf } from "./travel.js"

/** @internal */
export const plan = (exchange: Exchange): Iterable<Step> => {
  const { behavior } = exchange
  const body = bodyFor(exchange)
  const plain = "text" in body.content && behavior.fault === undefined && behavior.latency === undefined &&
    behavior.bodyLatency === undefined && behavior.gzip !== true
  return plain && "text" in body.content
    ? [{
      _tag: "Reply",
      status: body.status,
      headers: { ...exchange.headers(), ...body.headers, ...connectionHeaders(behavior) },
      body: body.content.text
    }]
    : steps(exchange, body)
}

const connectionHeaders = (behavior: Behavior): Headers =>
  behavior.fault?._tag === "ConnectionClose"
    ? { connection: "close" }
    : behavior.keepAliveHint === undefined
    ? noHeaders
    : { connection: "keep-alive", "keep-alive": `timeout=${behavior.keepAliveHint}` }

function* steps(exchange: Exchange, body: Body): Generator<Step> {
  const { behavior } = exchange
  const { fault } = behavior
  if (fault?._tag === "Informational") {
    yield { _tag: "Informational" }
  }
  if (behavior.latency !== undefined) {
    yield wait(behavior.latency)
  }
  switch (fault?._tag) {
    case "CloseBeforeHeaders":
      yield close
      return
    case "ResetBeforeHeaders":
      yield reset
      return
    case "StallBeforeHeaders":
    // It is too late not to read the request; the client sees the same.
    case "NeverReadRequest":
      yield stall
      return
    default:
  }
  const travel = travelOf(body, behavior)
  yield {
    _tag: "Head",
    status: body.status,
    headers: { ...exchange.headers(), ...body.headers, ...travel.headers, ...connectionHeaders(behavior) }
  }
  switch (fault?._tag) {
    case "ResetAfterHeaders":
      yield reset
      return
    case "StallAfterHeaders":
      yield stall
      return
    default:
  }
  if (behavior.bodyLatency !== undefined) {
    yield wait(behavior.bodyLatency)
  }
  yield* travel.steps
}

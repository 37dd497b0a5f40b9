/**
 * How a body travels: compressed or not, in which writes, and with the faults that strike inside it.
 */
import type { Behavior } from "../../Behavior.js"
import type { Body } from "./content.js"
import { gzip, GzipWriter } from "./gzip.js"
import type { Headers, Step } from "./step.js"
import { close, end, noHeaders, reset, stall, write } from "./step.js"

/** @internal */
export interface Travel {
  readonly headers: Headers
  readonly steps: Iterable<Step>
}

/** @internal */
export const travelOf = (body: Body, behavior: Behavior): Travel => {
  const { fault } = behavior
  const zipped: Headers = behavior.gzip === true ? { "content-encoding": "gzip" } : noHeaders
  if ("text" in body.content) {
    const text = Buffer.from(body.content.text)
    const bytes = behavior.gzip === true ? gzip(text) : text
    const headers = fault?._tag === "OpenEndedBody"
      ? zipped
      : { ...zipped, "content-length": String(bytes.length) }
    return { headers, steps: cut([write(bytes), end], behavior) }
  }
  const compressed = behavior.gzip === true ? gzipped(body.content.steps) : body.content.steps
  const size = behavior.stream?.chunking
  const faulty = cut(compressed, behavior)
  return { headers: zipped, steps: size === undefined ? faulty : rechunked(faulty, size) }
}

/** Applies the faults that strike inside a body. */
const cut = (body: Iterable<Step>, behavior: Behavior): Iterable<Step> => {
  const { fault } = behavior
  switch (fault?._tag) {
    case "ResetAfterBytes":
      return after(body, fault.bytes, reset)
    case "StallAfterBytes":
      return after(body, fault.bytes, stall)
    case "HalfBody":
      return halved(body)
    case "OpenEndedBody":
      return withoutEnd(body)
    default:
      return body
  }
}

function* after(body: Iterable<Step>, bytes: number, last: Step): Generator<Step> {
  let left = bytes
  for (const step of body) {
    if (step._tag === "End") {
      break
    }
    if (step._tag !== "Write") {
      yield step
    } else if (step.bytes.length < left) {
      left -= step.bytes.length
      yield step
    } else {
      yield write(step.bytes.subarray(0, left))
      break
    }
  }
  yield last
}

/** So that the half of an endless body can be told too. */
const mostSteps = 100_000

function* halved(body: Iterable<Step>): Generator<Step> {
  const parts: Array<Uint8Array> = []
  let taken = 0
  for (const step of body) {
    if (step._tag === "Write") {
      parts.push(step.bytes)
    } else if (step._tag !== "Wait") {
      break
    }
    if (++taken === mostSteps) {
      break
    }
  }
  const all = Buffer.concat(parts)
  yield write(all.subarray(0, all.length >> 1))
  yield close
}

function* withoutEnd(body: Iterable<Step>): Generator<Step> {
  for (const step of body) {
    yield step._tag === "End" ? stall : step
  }
}

function* gzipped(body: Iterable<Step>): Generator<Step> {
  const writer = new GzipWriter()
  for (const step of body) {
    if (step._tag === "Write") {
      yield write(writer.write(step.bytes))
    } else {
      if (step._tag === "End") {
        yield write(writer.end())
      }
      yield step
    }
  }
}

function* rechunked(body: Iterable<Step>, size: number): Generator<Step> {
  let held: Array<Uint8Array> = []
  let length = 0
  for (const step of body) {
    if (step._tag !== "Write") {
      if (length > 0) {
        yield write(Buffer.concat(held))
        held = []
        length = 0
      }
      yield step
      continue
    }
    held.push(step.bytes)
    length += step.bytes.length
    if (length >= size) {
      const bytes = Buffer.concat(held)
      let at = 0
      for (; at + size <= bytes.length; at += size) {
        yield write(bytes.subarray(at, at + size))
      }
      held = at < bytes.length ? [bytes.subarray(at)] : []
      length = bytes.length - at
    }
  }
}

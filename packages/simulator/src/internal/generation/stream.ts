/**
 * An answer as the service writes it down, in events.
 */
import type { JsonObject } from "../core/json.js"
import type { Chunk } from "../server/answer.js"
import type { Choice } from "./mind.js"
import type { Reply } from "./reply.js"
import { callObject, callTokens, logprobsOf, searchInfo, toolInfo, usageOf } from "./reply.js"
import type { ToolCall } from "./tools.js"

/** What one event adds to one choice. */
interface Delta {
  readonly content: string
  readonly reasoning: string
  readonly calls: ReadonlyArray<CallDelta>
  readonly logprobs: ReadonlyArray<JsonObject>
  readonly finishReason: Choice["finishReason"] | "null"
  /** Of this choice, up to and with this event. */
  readonly outputTokens: number
  readonly reasoningTokens: number
}

interface CallDelta {
  readonly index: number
  /** Present where the call opens. */
  readonly opens: ToolCall | undefined
  readonly arguments: string
}

/** Events grow from a token to four, as the service's do. */
function* groups(tokens: ReadonlyArray<string>): Generator<ReadonlyArray<string>> {
  let size = 1
  for (let at = 0; at < tokens.length;) {
    yield tokens.slice(at, at + size)
    at += size
    size = at < 2 ? 1 : at < 4 ? 2 : 4
  }
}

/** Cuts arguments anywhere, inside strings too, but not inside a character. */
const fragments = (text: string): ReadonlyArray<string> => {
  const characters = [...text]
  const pieces: Array<string> = []
  for (let at = 0, size = 7; at < characters.length; at += size, size = size === 7 ? 4 : 7) {
    pieces.push(characters.slice(at, at + size).join(""))
  }
  return pieces
}

/**
 * A call opens with its name and the first bit of its arguments. The second opens in the event that closes the first;
 * later ones open in an event of their own. The last bit of all comes with the finish reason.
 */
const callEvents = (calls: ReadonlyArray<ToolCall>): ReadonlyArray<ReadonlyArray<CallDelta>> => {
  const events: Array<Array<CallDelta>> = []
  calls.forEach((call, index) => {
    const [head = "", ...rest] = fragments(call.arguments)
    const opening: CallDelta = { index, opens: call, arguments: head }
    const before = events[events.length - 1]
    if (index === 1 && before !== undefined) {
      before.push(opening)
    } else {
      events.push([opening])
    }
    for (const piece of rest) {
      events.push([{ index, opens: undefined, arguments: piece }])
    }
  })
  return events
}

function* deltas(
  choice: Choice,
  reply: Reply,
  pieces: (() => Iterable<string>) | undefined
): Generator<Delta> {
  const { parameters } = reply
  const endsWithText = reply.wire.endsWithText === true
  const withCode = reply.code !== undefined
  let outputTokens = 0
  let reasoningTokens = 0
  const delta = (part: Partial<Delta>): Delta => ({
    content: "",
    reasoning: "",
    calls: [],
    logprobs: [],
    finishReason: "null",
    outputTokens,
    reasoningTokens,
    ...part
  })
  for (const group of groups(choice.reasoning)) {
    outputTokens += group.length
    reasoningTokens += group.length
    yield delta({ reasoning: group.join("") })
  }
  if (withCode && choice.reasoning.length > 0) {
    yield delta({})
  }
  if (pieces !== undefined) {
    for (const content of pieces()) {
      outputTokens += content === "" ? 0 : 1
      yield delta({ content })
    }
    yield delta({ finishReason: "stop" })
    return
  }
  if (choice.toolCalls.length > 0) {
    const events = callEvents(choice.toolCalls)
    const written = choice.toolCalls.map((call) => ({ ...call, arguments: "" }))
    const before = outputTokens
    for (const [i, calls] of events.entries()) {
      for (const { arguments: more, index } of calls) {
        const call = written[index]
        if (call !== undefined) {
          written[index] = { ...call, arguments: call.arguments + more }
        }
      }
      const opened = written.filter((call) => call.arguments !== "")
      outputTokens = before + opened.reduce((sum, call) => sum + callTokens(call), 0)
      yield delta({ calls, finishReason: i === events.length - 1 ? "tool_calls" : "null" })
    }
    return
  }
  const all = [...groups(choice.content)]
  for (const [i, group] of all.entries()) {
    outputTokens += group.length
    yield delta({
      content: group.join(""),
      logprobs: parameters.logprobs ? logprobsOf(group, parameters.topLogprobs) : [],
      finishReason: endsWithText && i === all.length - 1 ? choice.finishReason : "null"
    })
  }
  if (!endsWithText || all.length === 0) {
    yield delta({ finishReason: choice.finishReason })
  }
}

const incrementalCalls = (calls: ReadonlyArray<CallDelta>): ReadonlyArray<JsonObject> =>
  calls.map((call) => ({
    index: call.index,
    id: call.opens?.id ?? "",
    type: "function",
    function: {
      ...(call.opens === undefined ? {} : { name: call.opens.name }),
      arguments: call.arguments
    }
  }))

/** What a choice has said so far; only kept where each event repeats it. */
class Accumulated {
  private content = ""
  private reasoning = ""
  private readonly calls: Array<ToolCall> = []
  private readonly logprobs: Array<JsonObject> = []

  add(delta: Delta): Delta & { readonly wholeCalls: ReadonlyArray<ToolCall> } {
    this.content += delta.content
    this.reasoning += delta.reasoning
    this.logprobs.push(...delta.logprobs)
    for (const { arguments: more, index, opens } of delta.calls) {
      const before = this.calls[index] ?? { id: opens?.id ?? "", name: opens?.name ?? "", arguments: "" }
      this.calls[index] = { ...before, arguments: before.arguments + more }
    }
    return {
      ...delta,
      content: this.content,
      reasoning: this.reasoning,
      logprobs: [...this.logprobs],
      wholeCalls: [...this.calls]
    }
  }
}

const chunkOf = (reply: Reply, running: Running, delta: Delta): Chunk => {
  const { parameters, wire } = reply
  const summed = running.total?.add(delta)
  const shown = summed ?? delta
  const calls = summed === undefined ? incrementalCalls(delta.calls) : summed.wholeCalls.map(callObject)
  const place = delta.finishReason === "null" ? "piece" : "end"
  // The code interpreter runs when the thinking is over.
  const ran = reply.code !== undefined && (delta.reasoning === "" || parameters.thinking === false)
  const output = parameters.messageFormat
    ? {
      choices: [{
        message: {
          content: wire.content(shown.content, summed === undefined || place === "piece" ? place : "whole"),
          ...(parameters.thinking ? { reasoning_content: shown.reasoning } : {}),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
          ...wire.beside,
          role: "assistant"
        },
        ...(reply.choices.length > 1 || (parameters.tools.length > 0 && wire.unnumbered !== true)
          ? { index: running.index }
          : {}),
        ...(shown.logprobs.length > 0 ? { logprobs: { content: shown.logprobs } } : {}),
        finish_reason: delta.finishReason
      }],
      ...(running.sources ? searchInfo(reply) : {}),
      ...(ran ? toolInfo(reply) : {})
    }
    : { finish_reason: delta.finishReason, text: shown.content }
  return {
    value: {
      output,
      usage: usageOf(reply, delta.outputTokens, delta.reasoningTokens, ran),
      request_id: reply.requestId
    },
    finishes: delta.finishReason !== "null"
  }
}

/** A choice of which not all is said yet. */
interface Running {
  readonly index: number
  readonly deltas: Iterator<Delta>
  readonly total: Accumulated | undefined
  sources: boolean
}

/**
 * The answer in events. `pieces` replaces the text, as its deltas.
 *
 * @internal
 */
export function* chunksOf(reply: Reply, pieces: (() => Iterable<string>) | undefined): Generator<Chunk> {
  const { parameters } = reply
  const prepend = parameters.search?.prepend_search_result === true && reply.sources !== undefined
  if (prepend) {
    yield {
      value: {
        output: {
          choices: [{
            message: { content: reply.wire.content("", "piece"), role: "assistant" },
            finish_reason: "null"
          }],
          ...searchInfo(reply)
        },
        usage: {},
        request_id: reply.requestId
      },
      finishes: false
    }
  }
  // One event of each choice in turn, as long as they have any.
  let running: ReadonlyArray<Running> = reply.choices.map((choice, index) => ({
    index,
    deltas: deltas(choice, reply, pieces),
    total: parameters.incremental ? undefined : new Accumulated(),
    sources: !prepend
  }))
  while (running.length > 0) {
    const next: Array<Running> = []
    for (const one of running) {
      const step = one.deltas.next()
      if (step.done !== true) {
        yield chunkOf(reply, one, step.value)
        // With increments the sources come once.
        one.sources = one.sources && !parameters.incremental
        next.push(one)
      }
    }
    running = next
  }
}

/**
 * Responses in the form of OpenAI: `/compatible-mode/v1/responses`. They are remembered, so that another can go on from
 * them.
 */
import { answerNatively, textOf } from "../compatible/chat.js"
import { refusal } from "../compatible/refusal.js"
import { nativeBody } from "../compatible/request.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import type { Answer, Failure } from "../server/answer.js"
import { invalid, isFailure, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { checkModel, jsonOf, notJson } from "../server/route.js"
import { part } from "../server/state.js"
import type { Head } from "./output.js"
import { eventsOf, wholeOf } from "./output.js"
import { chatBody, messagesOf, searches } from "./request.js"

/** A response, and the conversation that it ends. */
interface Stored {
  readonly response: JsonObject
  readonly messages: ReadonlyArray<JsonObject>
}

const mostStored = 1000

class Responses {
  private readonly stored = new Map<string, Stored>()

  get(id: string): Stored | undefined {
    return this.stored.get(id)
  }

  keep(response: JsonObject, asked: ReadonlyArray<JsonObject>): void {
    const answered = messagesOf(asArray(response.output) ?? [])
    const messages = isFailure(answered) ? asked : [...asked, ...answered]
    this.stored.set(String(response.id), { response, messages })
    const [oldest] = this.stored.keys()
    if (this.stored.size > mostStored && oldest !== undefined) {
      this.stored.delete(oldest)
    }
  }

  remove(id: string): boolean {
    return this.stored.delete(id)
  }
}

const responsesIn = part(() => new Responses())

const notFound = (id: string, param: string): Failure =>
  refusal(404, "response_not_found", `Response with id ${JSON.stringify(id)} not found.`, param)

const questionIn = (messages: ReadonlyArray<JsonObject>): string =>
  textOf([...messages].reverse().find(({ role }) => role === "user")?.content)

const conversationOf = (body: JsonObject, known: Responses): ReadonlyArray<JsonObject> | Failure => {
  const added = messagesOf(body.input)
  const previous = asString(body.previous_response_id)
  if (isFailure(added) || previous === undefined) {
    return added
  }
  const before = known.get(previous)
  return before === undefined ? notFound(previous, "previous_response_id") : [...before.messages, ...added]
}

const create = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const missing = checkModel(body.model, incoming.settings)
  if (missing !== undefined) {
    return missing
  }
  if (body.conversation !== undefined && body.conversation !== null) {
    return invalid("The simulator has no conversations: give the previous_response_id.")
  }
  const known = responsesIn(incoming.state)
  const messages = conversationOf(body, known)
  if (isFailure(messages)) {
    return messages
  }
  const chat = chatBody(body, messages)
  return isFailure(chat) ? chat : answer(incoming, body, chat, (response) => {
    if (body.store !== false) {
      known.keep(response, messages)
    }
  })
}

const answer = (
  incoming: Incoming,
  body: JsonObject,
  chat: JsonObject,
  keep: (response: JsonObject) => void
): Answer => {
  const streamed = body.stream === true
  const native = answerNatively(
    incoming,
    asString(body.model) ?? "",
    (inParts) => nativeBody(chat, inParts),
    streamed
  )
  if (native._tag !== "Success") {
    return native
  }
  const head: Head = {
    requestId: incoming.requestId,
    body,
    created: Math.floor(incoming.now / 1000),
    query: searches(body) ? questionIn((asArray(chat.messages) ?? []).map((one) => asObject(one) ?? {})) : undefined
  }
  const { chunks, whole } = native
  return {
    _tag: "Success",
    streamed,
    whole: (padding) => {
      const response = wholeOf(head, whole(padding))
      keep(response)
      return response
    },
    chunks: chunks === undefined ? undefined : (pieces) => eventsOf(head, chunks(pieces), keep)
  }
}

const retrieve = (incoming: Incoming): Answer => {
  const id = incoming.params.id ?? ""
  const stored = responsesIn(incoming.state).get(id)
  return stored === undefined ? notFound(id, "response_id") : whole(stored.response)
}

const remove = (incoming: Incoming): Answer => {
  const id = incoming.params.id ?? ""
  return responsesIn(incoming.state).remove(id)
    ? whole({ id, object: "response", deleted: true })
    : notFound(id, "response_id")
}

/** The second is older, and documented still. */
const bases = ["/compatible-mode/v1/responses", "/api/v2/apps/protocols/compatible-mode/v1/responses"]

/** @internal */
export const responseRoutes: ReadonlyArray<Route> = bases.flatMap((base): ReadonlyArray<Route> => [
  { method: "POST", pattern: base, serve: create },
  { method: "GET", pattern: `${base}/{id}`, serve: retrieve },
  { method: "DELETE", pattern: `${base}/{id}`, serve: remove }
])

/**
 * Hot words for speech recognition: `/services/audio/asr/customization`.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { failure, invalid, isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { enveloped, inputOf, modelOf, modelRoute, urlError } from "../server/route.js"
import { part } from "../server/state.js"

interface Vocabulary {
  readonly id: string
  readonly model: string
  readonly prefix: string
  readonly words: ReadonlyArray<JsonObject>
  readonly created: number
  readonly modified: number
}

const vocabularies = part(() => new Map<string, Vocabulary>())

/** Lists in one account, and words in one list. */
const most = { lists: 10, words: 500 }

const missing = (name: string): Failure => invalid(`The field ${name} is missing or wrong: input.${name}`)

const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

const readWords = (value: unknown): ReadonlyArray<JsonObject> | Failure => {
  const words: Array<JsonObject> = []
  for (const one of asArray(value) ?? []) {
    const { lang, text, weight = 4 } = asObject(one) ?? {}
    if (typeof text !== "string" || text === "" || !(typeof weight === "number" && weight >= 1 && weight <= 5)) {
      return invalid("Each of the vocabulary needs a text, and a weight from 1 to 5.")
    }
    words.push({ text, weight, ...(lang === undefined ? {} : { lang }) })
  }
  return words.length === 0 || words.length > most.words
    ? invalid(`Range of vocabulary should be [1, ${most.words}]`)
    : words
}

type Serve = (input: JsonObject, requestId: string, incoming: Incoming) => Answer

const found = (input: JsonObject, incoming: Incoming, answer: (vocabulary: Vocabulary) => Answer): Answer => {
  const id = asString(input.vocabulary_id)
  const vocabulary = id === undefined ? undefined : vocabularies(incoming.state).get(id)
  return id === undefined
    ? missing("vocabulary_id")
    : vocabulary === undefined
    ? failure(400, "BadRequest.ResourceNotExist", `There is no vocabulary ${JSON.stringify(id)}.`)
    : answer(vocabulary)
}

const actions: { readonly [action: string]: Serve } = {
  create_vocabulary: (input, requestId, incoming) => {
    const all = vocabularies(incoming.state)
    const model = asString(input.target_model) ?? ""
    const prefix = asString(input.prefix) ?? ""
    if (model === "") {
      return missing("target_model")
    }
    if (!/^[a-z0-9]{1,9}$/.test(prefix)) {
      return missing("prefix")
    }
    const words = readWords(input.vocabulary)
    if (isFailure(words)) {
      return words
    }
    if (all.size >= most.lists) {
      return failure(400, "Throttling.AllocationQuota", "Free allocated quota exceeded.")
    }
    const id = `vocab-${prefix}-${digest(incoming.state.nextId("vocabulary"))}`
    all.set(id, { id, model, prefix, words, created: incoming.now, modified: incoming.now })
    return enveloped({ vocabulary_id: id }, { count: 1 }, requestId)
  },
  list_vocabulary: (input, requestId, incoming) => {
    const size = asNumber(input.page_size) ?? 10
    const index = asNumber(input.page_index) ?? 0
    const prefix = asString(input.prefix) ?? ""
    const wanted = [...vocabularies(incoming.state).values()].filter((one) => one.prefix.startsWith(prefix))
    return enveloped(
      {
        vocabulary_list: wanted.slice(index * size, (index + 1) * size).map(({ created, id, modified }) => ({
          vocabulary_id: id,
          gmt_create: timeOf(created),
          gmt_modified: timeOf(modified),
          status: "OK"
        }))
      },
      { count: 0 },
      requestId
    )
  },
  query_vocabulary: (input, requestId, incoming) =>
    found(input, incoming, ({ created, model, modified, words }) =>
      enveloped(
        {
          vocabulary: words,
          target_model: model,
          gmt_create: timeOf(created),
          gmt_modified: timeOf(modified),
          status: "OK"
        },
        { count: 0 },
        requestId
      )),
  update_vocabulary: (input, requestId, incoming) =>
    found(input, incoming, (vocabulary) => {
      const words = readWords(input.vocabulary)
      if (isFailure(words)) {
        return words
      }
      vocabularies(incoming.state).set(vocabulary.id, { ...vocabulary, words, modified: incoming.now })
      return enveloped({}, { count: 1 }, requestId)
    }),
  delete_vocabulary: (input, requestId, incoming) =>
    found(input, incoming, ({ id }) => {
      vocabularies(incoming.state).delete(id)
      return enveloped({}, { count: 0 }, requestId)
    })
}

/** @internal */
export const vocabulary = (request: ApiRequest, incoming: Incoming): Answer => {
  if (!isServedAs(modelOf(request), "vocabulary")) {
    return urlError
  }
  const input = inputOf(request)
  const action = asString(input.action) ?? ""
  const serve = Object.hasOwn(actions, action) ? actions[action] : undefined
  return serve === undefined
    ? invalid(`The action should be one of ${Object.keys(actions).join(", ")}, and not ${JSON.stringify(action)}.`)
    : serve(input, request.requestId, incoming)
}

/** @internal */
export const vocabularyRoutes = [modelRoute("/api/v1/services/audio/asr/customization", vocabulary)]

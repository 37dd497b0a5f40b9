import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as DashScope from "../src/DashScope.js"
import * as Vocabulary from "../src/Vocabulary.js"
import { serviceContract } from "./util/serviceContract.js"

const path = "/api/v1/services/audio/asr/customization"
const words = [{ text: "吴贻弓", weight: 4, lang: "zh" }]
const schema = Vocabulary.VocabularyResult
const params = { targetModel: "paraformer-realtime-v2", prefix: "nuomai", vocabulary: words }

const sends = (input: object) => ({ path, body: { model: "speech-biasing", input } })
const empty = { output: {}, usage: { count: 1 }, request_id: "r" }
const nothing = { output: {}, usage: { count: 1 }, requestId: "r" }

serviceContract("Vocabulary", {
  layer: Vocabulary.layer,
  samples: [{
    name: "create",
    run: (options) => Vocabulary.create(params, options),
    sends: sends({
      action: "create_vocabulary",
      target_model: "paraformer-realtime-v2",
      prefix: "nuomai",
      vocabulary: words
    }),
    answer: { output: { vocabulary_id: "vocab-1" }, usage: { count: 1 }, request_id: "r" },
    gives: { output: { vocabularyId: "vocab-1" }, usage: { count: 1 }, requestId: "r" },
    schema,
    isRepeatable: false,
    observed: { operation: "create_vocabulary" }
  }, {
    name: "list",
    run: (options) => Vocabulary.list({ prefix: "n", pageIndex: 1, pageSize: 5 }, options),
    sends: sends({ action: "list_vocabulary", prefix: "n", page_index: 1, page_size: 5 }),
    answer: {
      output: { vocabulary_list: [{ vocabulary_id: "v", gmt_create: "c", gmt_modified: "m", status: "OK" }] },
      request_id: "r"
    },
    gives: {
      output: { vocabularyList: [{ vocabularyId: "v", gmtCreate: "c", gmtModified: "m", status: "OK" }] },
      requestId: "r"
    },
    schema,
    observed: { operation: "list_vocabulary" }
  }, {
    name: "get",
    run: (options) => Vocabulary.get("v", options),
    sends: sends({ action: "query_vocabulary", vocabulary_id: "v" }),
    answer: { output: { vocabulary: words, target_model: "m", gmt_create: "c", status: "OK" }, request_id: "r" },
    gives: { output: { vocabulary: words, targetModel: "m", gmtCreate: "c", status: "OK" }, requestId: "r" },
    schema,
    observed: { operation: "query_vocabulary" }
  }, {
    name: "update",
    run: (options) => Vocabulary.update({ vocabularyId: "v", vocabulary: words }, options),
    sends: sends({ action: "update_vocabulary", vocabulary_id: "v", vocabulary: words }),
    answer: empty,
    gives: nothing,
    schema,
    observed: { operation: "update_vocabulary" }
  }, {
    name: "remove",
    run: (options) => Vocabulary.remove("v", options),
    sends: sends({ action: "delete_vocabulary", vocabulary_id: "v" }),
    answer: empty,
    gives: nothing,
    schema,
    observed: { operation: "delete_vocabulary" }
  }],
  refuses: [
    ["targetModel", Vocabulary.create({ ...params, targetModel: "" })],
    ["vocabulary", Vocabulary.create({ ...params, vocabulary: [] })],
    ["vocabularyId", Vocabulary.get(" ")],
    ["vocabularyId", Vocabulary.remove("")]
  ]
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("lives from its making to its end", () =>
  over(Effect.gen(function*() {
    const { output } = yield* Vocabulary.create(params)
    const vocabularyId = output?.vocabularyId ?? ""
    assert.deepStrictEqual((yield* Vocabulary.get(vocabularyId)).output?.vocabulary, words)
    yield* Vocabulary.update({ vocabularyId, vocabulary: [{ text: "谢晋", weight: 5 }] })
    assert.deepStrictEqual((yield* Vocabulary.get(vocabularyId)).output?.vocabulary, [{ text: "谢晋", weight: 5 }])
    assert.lengthOf((yield* Vocabulary.list()).output?.vocabularyList ?? [], 1)
    yield* Vocabulary.remove(vocabularyId)
    assert.lengthOf((yield* Vocabulary.list()).output?.vocabularyList ?? [], 0)
    assert.deepInclude<object>({ ...yield* Effect.flip(Vocabulary.get(vocabularyId)) }, {
      _tag: "ApiError",
      statusCode: 400
    })
  })))

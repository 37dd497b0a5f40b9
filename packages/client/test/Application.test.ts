import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import * as Application from "../src/Application.js"
import * as DashScope from "../src/DashScope.js"
import * as Envelope from "../src/Envelope.js"
import { Total } from "../src/internal/application/total.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Message from "../src/Message.js"
import { exchanges, hasCaptures } from "./util/captures.js"
import { serviceContract } from "./util/serviceContract.js"

const appId = "010aa085/x"

serviceContract("Application", {
  layer: Application.layer,
  samples: [{
    name: "call",
    run: (options) =>
      Application.call({
        appId: "010aa085",
        prompt: "总结",
        sessionId: "s-1",
        memoryId: "m-1",
        bizParams: { city: "杭州" },
        imageList: [],
        docReferenceType: "simple",
        hasThoughts: true,
        topP: 0.8,
        topK: 100,
        seed: 1234,
        temperature: 0.85,
        ragOptions: { pipelineIds: ["p"], metadataFilter: { docType: "电子书" }, sessionFileIds: ["f"] },
        flowStreamMode: "full_thoughts",
        modelId: "qwen-max",
        extra: { new_parameter: 1 }
      }, options),
    sends: {
      path: "/api/v1/apps/010aa085/completion",
      body: {
        input: {
          prompt: "总结",
          session_id: "s-1",
          memory_id: "m-1",
          biz_params: { city: "杭州" },
          image_list: [],
          doc_reference_type: "simple"
        },
        parameters: {
          has_thoughts: true,
          top_p: 0.8,
          top_k: 100,
          seed: 1234,
          temperature: 0.85,
          rag_options: { pipeline_ids: ["p"], metadata_filter: { docType: "电子书" }, session_file_ids: ["f"] },
          flow_stream_mode: "full_thoughts",
          model_id: "qwen-max",
          new_parameter: 1
        }
      }
    },
    answer: {
      output: {
        text: "说完了",
        finish_reason: "stop",
        session_id: "s-1",
        reject_status: false,
        thoughts: [{
          thought: "t",
          action_type: "agentRag",
          action_name: "检索",
          action_input_stream: "{}",
          observation: "[]"
        }],
        doc_references: [{
          index_id: "1",
          doc_id: "d",
          doc_name: "n",
          title: "t",
          text: "x",
          images: ["u"],
          page_number: [1]
        }]
      },
      usage: {
        models: [{ model_id: "qwen-max", input_tokens: 20, output_tokens: 8 }, { model_id: "b", input_tokens: 1 }]
      },
      request_id: "r"
    },
    gives: {
      output: {
        text: "说完了",
        finishReason: "stop",
        sessionId: "s-1",
        rejectStatus: false,
        thoughts: [{
          thought: "t",
          actionType: "agentRag",
          actionName: "检索",
          actionInputStream: "{}",
          observation: "[]"
        }],
        docReferences: [{
          indexId: "1",
          docId: "d",
          docName: "n",
          title: "t",
          text: "x",
          images: ["u"],
          pageNumber: [1]
        }]
      },
      usage: { models: [{ modelId: "qwen-max", inputTokens: 20, outputTokens: 8 }, { modelId: "b", inputTokens: 1 }] },
      requestId: "r"
    },
    schema: Application.ApplicationResult,
    observed: { operation: "invoke_agent", model: "qwen-max", input: 21, output: 8 }
  }, {
    name: "call, of messages",
    run: (options) => Application.call({ appId, messages: [Message.system("简短")], prompt: "你好" }, options),
    sends: {
      path: "/api/v1/apps/010aa085%2Fx/completion",
      body: {
        input: { messages: [{ role: "system", content: "简短" }, { role: "user", content: "你好" }] },
        parameters: {}
      }
    },
    answer: { output: { text: "code", finish_reason: "stop", session_id: "s" }, usage: {}, request_id: "r" },
    gives: { output: { text: "code", finishReason: "stop", sessionId: "s" }, usage: {}, requestId: "r" },
    schema: Application.ApplicationResult,
    observed: { operation: "invoke_agent" }
  }],
  refuses: [
    ["appId", Application.call({ appId: "", prompt: "a" })],
    ["prompt", Application.call({ appId })],
    [
      "ragOptions.pipelineId",
      Application.call({ appId, prompt: "a", ragOptions: Object.assign({ pipelineId: "p" }, { tags: [] }) })
    ],
    ["session", Application.call(Object.assign({ session: "s" }, { appId, prompt: "a" }))],
    ["prompt", Stream.runDrain(Application.stream({ appId }))]
  ],
  recordings: { of: ({ name }) => name.startsWith("application-"), schema: Application.ApplicationResult }
})

const over = <A, E>(
  run: (simulator: Simulator.Service) => Effect.Effect<A, E, DashScope.Services>
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run(simulator), DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

describe("Application", () => {
  it.live("goes on with a session, whose id it keeps", () =>
    over((simulator) =>
      Effect.gen(function*() {
        const session = yield* Application.session({ appId: "agent" })
        assert.isUndefined(yield* session.id)
        yield* session.call("我叫小明")
        const id = yield* session.id
        assert.isString(id)
        const result = yield* Application.collect(session.stream("我叫什么名字？"))
        assert.include(Application.text(result), "上次你说的是：“我叫小明”")
        assert.strictEqual(result.output.sessionId, id)
        const [, second] = yield* simulator.requests
        assert.include(second?.body, `"session_id":"${id}"`)
        const resumed = yield* Application.session({ appId: "agent", sessionId: id })
        assert.strictEqual(yield* resumed.id, id)
      })
    ))

  const agent: Application.ApplicationParams = {
    appId: "agent",
    prompt: "总结一下",
    hasThoughts: true,
    ragOptions: { pipelineIds: ["kb"] }
  }

  it.live("streams what a call gives, in increments, or all so far", () =>
    over(() =>
      Effect.gen(function*() {
        const whole = yield* Application.call({ ...agent, sessionId: "s" })
        const elements = yield* Stream.runCollect(Application.stream({ ...agent, sessionId: "s2" }))
        const texts = [...elements].map(Application.text)
        assert.isAbove(texts.length, 3)
        assert.strictEqual(texts.join(""), Application.text(whole))
        const collected = yield* Application.collect(Application.stream({ ...agent, sessionId: "s3" }))
        assert.deepStrictEqual({ ...collected, requestId: "" }, {
          ...whole,
          output: { ...whole.output, sessionId: "s3" },
          requestId: ""
        })
        const totals = yield* Stream.runCollect(
          Application.stream({ ...agent, sessionId: "s4", incrementalOutput: false })
        )
        let before = ""
        for (const total of totals) {
          assert.isTrue(Application.text(total).startsWith(before))
          before = Application.text(total)
        }
        assert.strictEqual(before, Application.text(whole))
        const said = yield* Stream.mkString(Application.streamText({ ...agent, sessionId: "s5" }))
        assert.strictEqual(said, Application.text(whole))
      })
    ))

  it.live("puts the messages of a workflow's nodes together", () =>
    over(() =>
      Effect.gen(function*() {
        for (const flowStreamMode of ["full_thoughts", "agent_format", "message_format"]) {
          const result = yield* Application.collect(
            Application.stream({
              appId: "workflow",
              prompt: "go",
              bizParams: { a: "一二三四五六七八" },
              flowStreamMode
            })
          )
          assert.strictEqual(result.output.text, "一二三四五六七八", flowStreamMode)
          assert.strictEqual(result.output.finishReason, "stop")
        }
      })
    ))

  it.live("fails where a stream ends before its answer", () =>
    over((simulator) =>
      Effect.gen(function*() {
        yield* simulator.setBehavior({ stream: { closeWithoutFinish: true } })
        const error = yield* Effect.flip(Stream.runDrain(Application.stream(agent)))
        assert.deepInclude<object>({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
        yield* simulator.setBehavior({})
        const unknown = yield* Effect.flip(Stream.runDrain(Application.stream({ ...agent, appId: "unknown" })))
        assert.deepInclude<object>({ ...unknown }, { _tag: "ApiError", statusCode: 400 })
      })
    ))

  it.live("keeps what had arrived of an answer beside the error that ends it", () =>
    over((simulator) =>
      Effect.gen(function*() {
        const behaviors: ReadonlyArray<Behavior.Behavior> = [
          { stream: { closeWithoutFinish: true } },
          { stream: { errorAfterEvents: 4 } },
          { stream: { resetAfterEvents: 4 } }
        ]
        for (const stream of behaviors) {
          yield* simulator.setBehavior(stream)
          for (const incrementalOutput of [true, false]) {
            const seen: Array<Application.ApplicationResult> = []
            const error = yield* Application.stream({ ...agent, incrementalOutput }).pipe(
              Stream.runForEach((result) => Effect.sync(() => seen.push(result))),
              Effect.withSpan("caller"),
              Effect.flip
            )
            const partial = Application.partialResult(error)
            const texts = seen.map(Application.text)
            assert.isAbove(texts.length, 2)
            assert.strictEqual(partial?.output.text, incrementalOutput ? texts.join("") : texts.at(-1))
            assert.isNotEmpty(partial?.output.text)
            assert.isDefined(partial?.output.thoughts)
            assert.notInclude(inspect(error, { depth: 9 }), partial?.output.text ?? "")
          }
          const collected = yield* Effect.flip(Application.collect(Application.stream(agent)))
          assert.isNotEmpty(Application.partialResult(collected)?.output.text)
        }
        yield* simulator.setBehavior({ error: { status: 400 } })
        assert.isUndefined(Application.partialResult(yield* Effect.flip(Stream.runDrain(Application.stream(agent)))))
        assert.isUndefined(Application.partialResult("no error"))
      })
    ))

  it.live("has the headers of the answer in every element, and in what they come to", () =>
    over(() =>
      Effect.gen(function*() {
        const id = (result: object) => Envelope.header(result, "X-Request-Id")
        const called = yield* Application.call(agent)
        assert.strictEqual(id(called), called.requestId)
        for (const incrementalOutput of [true, false]) {
          const elements = yield* Stream.runCollect(Application.stream({ ...agent, incrementalOutput }))
          for (const element of elements) assert.strictEqual(id(element), element.requestId)
        }
        const collected = yield* Application.collect(Application.stream(agent))
        assert.isString(id(collected))
        assert.strictEqual(id(collected), collected.requestId)
      })
    ))

  it.effect("has no answer in an empty stream", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Application.collect(Application.stream(agent)))
      assert.deepInclude<object>({ ...error }, { _tag: "ApiError", reason: "UnexpectedResponse" })
    }).pipe(Effect.provide(Layer.mock(Application.Application, { stream: () => Stream.empty }))))

  const decode = Codec.decoder(Application.ApplicationResult)

  it.runIf(hasCaptures)("puts a recorded stream together", () => {
    const recorded = exchanges.find(({ name }) => name === "application-single-generation-text-sse")
    const elements = Array.from(
      (recorded?.response.body ?? "").matchAll(/^data:(.*)$/gm),
      ([, data]) => Either.getOrThrow(decode(JSON.parse(data ?? "")))
    )
    const total = new Total<Application.ApplicationResult>()
    for (const element of elements) total.add(element)
    const last = total.get()
    assert.isAbove(elements.length, 50)
    assert.strictEqual(last?.output.text, elements.map(Application.text).join(""))
    assert.strictEqual(last?.output.finishReason, "stop")
    assert.lengthOf(last?.output.docReferences ?? [], 4)
    assert.deepStrictEqual(last?.usage, elements.at(-1)?.usage)
  })

  it("puts a node's messages in the order of their numbers", () => {
    FastCheck.assert(FastCheck.property(
      FastCheck.array(FastCheck.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }).chain((texts) =>
        FastCheck.tuple(
          FastCheck.constant(texts),
          FastCheck.shuffledSubarray(texts.map((_, i) => i), { minLength: texts.length })
        )
      ),
      ([texts, order]) => {
        const total = new Total<Application.ApplicationResult>()
        for (const nodeMsgSeqId of order) {
          const message = { content: texts[nodeMsgSeqId] }
          total.add({ output: { workflowMessage: { nodeId: "End", nodeMsgSeqId, message } } })
        }
        assert.strictEqual(total.get()?.output.text, texts.join(""))
      }
    ))
  })
})

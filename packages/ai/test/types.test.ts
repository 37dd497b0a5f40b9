/** What the compiler knows of the provider; the type check of the workspace is what runs this. */
import type * as AiError from "@effect/ai/AiError"
import type * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Model from "@effect/ai/Model"
import * as Prompt from "@effect/ai/Prompt"
import type * as Tokenizer from "@effect/ai/Tokenizer"
import * as AiTool from "@effect/ai/Tool"
import * as Toolkit from "@effect/ai/Toolkit"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { DashScopeError } from "effect-dashscope/DashScopeError"
import * as Generation from "effect-dashscope/Generation"
import * as Message from "effect-dashscope/Message"
import type * as MultiModalConversation from "effect-dashscope/MultiModalConversation"
import type * as TextEmbedding from "effect-dashscope/TextEmbedding"
import type * as Tokenization from "effect-dashscope/Tokenization"
import type * as ToolRun from "effect-dashscope/ToolRun"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as DashScopeEmbeddingModel from "../src/DashScopeEmbeddingModel.js"
import * as DashScopeLanguageModel from "../src/DashScopeLanguageModel.js"
import * as DashScopeTokenizer from "../src/DashScopeTokenizer.js"
import * as DashScopeTool from "../src/DashScopeTool.js"

type Chats = Generation.Generation | MultiModalConversation.MultiModalConversation

describe("types", () => {
  it("a model needs the client's services, and cannot fail to be made", () => {
    expectTypeOf(DashScopeLanguageModel.layer({ model: "qwen-plus" })).toEqualTypeOf<
      Layer.Layer<LanguageModel.LanguageModel, never, Chats>
    >()
    expectTypeOf(DashScopeLanguageModel.make({ model: "qwen-plus" })).toEqualTypeOf<
      Effect.Effect<LanguageModel.Service, never, Chats>
    >()
    expectTypeOf(DashScopeLanguageModel.model("qwen-plus")).toEqualTypeOf<
      Model.Model<"dashscope", LanguageModel.LanguageModel, Chats>
    >()
    expectTypeOf(DashScopeEmbeddingModel.layer({ model: "text-embedding-v4" })).toEqualTypeOf<
      Layer.Layer<EmbeddingModel.EmbeddingModel, never, TextEmbedding.TextEmbedding>
    >()
    expectTypeOf(DashScopeTokenizer.layer({ model: "qwen-plus" })).toEqualTypeOf<
      Layer.Layer<Tokenizer.Tokenizer, never, Tokenization.Tokenization>
    >()
  })

  it("calls fail with AiError alone, and settings change neither errors nor requirements", () => {
    const Qwen = DashScopeLanguageModel.model("qwen-plus")
    const text = LanguageModel.generateText({ prompt: "Hi" }).pipe(
      DashScopeLanguageModel.withConfigOverride({ temperature: 1 })
    )
    expectTypeOf(Effect.asVoid(text)).toEqualTypeOf<
      Effect.Effect<void, AiError.AiError, LanguageModel.LanguageModel>
    >()
    expectTypeOf(Effect.provide(text, Qwen)).toExtend<Effect.Effect<unknown, AiError.AiError, Chats>>()
    expectTypeOf(LanguageModel.streamText({ prompt: "Hi" })).toExtend<
      Stream.Stream<unknown, AiError.AiError, LanguageModel.LanguageModel>
    >()
  })

  it("settings are those of the parameters that the provider does not decide", () => {
    expectTypeOf(DashScopeLanguageModel.model).toBeCallableWith("qwen-plus", {
      enableThinking: true,
      thinkingBudget: 100,
      searchOptions: { forcedSearch: true },
      timeout: "10 seconds",
      extra: { new_parameter: 1 }
    })
    // @ts-expect-error the prompt and the toolkit say so
    DashScopeLanguageModel.model("qwen-plus", { tools: [] })
    // @ts-expect-error so does the kind of call
    DashScopeLanguageModel.model("qwen-plus", { responseFormat: { type: "json_object" } })
    // @ts-expect-error it has a place of its own
    DashScopeLanguageModel.model("qwen-plus", { model: "qwen-max" })
    // @ts-expect-error a unit is missing
    DashScopeLanguageModel.model("qwen-plus", { timeout: 10 })
  })

  it("prompts know the options of this provider", () => {
    const marked = { dashscope: { cacheControl: Message.ephemeral } }
    Prompt.make([{ role: "user", content: [{ type: "text", text: "Hi", options: marked }] }])
    // @ts-expect-error no such mark
    Prompt.make([{ role: "system", content: "Hi", options: { dashscope: { cacheControl: "ephemeral" } } }])
  })

  it("the bridge keeps what handlers fail with and need", () => {
    class Sky extends Context.Tag("Sky")<Sky, string>() {}
    class NoSky extends Schema.TaggedError<NoSky>()("NoSky", {}) {}
    const GetSky = AiTool.make("get_sky", { success: Schema.String, failure: NoSky, dependencies: [Sky] })
    const toolkit = Toolkit.make(GetSky)
    const run = Effect.flatMap(
      toolkit,
      (toolkit) => Generation.runTools({ model: "qwen-plus", prompt: "Hi" }, DashScopeTool.fromToolkit(toolkit))
    )
    expectTypeOf(run).toEqualTypeOf<
      Effect.Effect<
        ToolRun.RunResult,
        DashScopeError | AiError.AiError | NoSky | ToolRun.TooManyRounds,
        AiTool.Handler<"get_sky"> | Generation.Generation | Sky
      >
    >()
  })
})

/**
 * Talks with an application of Model Studio: a session that remembers, references to what it knows, and a workflow's nodes.
 *
 * `npm run example -- agent-app <app id>` asks one of yours, with `DASHSCOPE_API_KEY` set.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Application, DashScope } from "effect-dashscope"
import * as Service from "./internal/service.js"

const appId = process.argv[2] ?? "agent"

const conversation = Effect.gen(function*() {
  const session = yield* Application.session({ appId, ragOptions: { pipelineIds: ["handbook"] } })
  for (const question of ["My name is Ada.", "What is my name?"]) {
    yield* Console.log(`you> ${question}`)
    const result = yield* session.stream(question).pipe(
      Stream.tap((element) => Effect.sync(() => process.stdout.write(Application.text(element)))),
      Application.collect
    )
    yield* Console.log("")
    for (const { docName, indexId } of result.output.docReferences ?? []) {
      yield* Console.log(`  [${indexId}] ${docName}`)
    }
    for (const { inputTokens, modelId, outputTokens } of result.usage?.models ?? []) {
      yield* Console.log(`  ${modelId}: ${inputTokens} tokens in, ${outputTokens} out`)
    }
  }
})

const workflow = Effect.gen(function*() {
  yield* Console.log("A workflow, node by node:")
  yield* Application.stream({
    appId: "workflow",
    prompt: "Write the report",
    bizParams: { city: "Hangzhou" },
    flowStreamMode: "message_format"
  }).pipe(
    Stream.filter((element) => Application.text(element) !== ""),
    Stream.runForEach(({ output }) =>
      Console.log(`  ${output.workflowMessage?.nodeType}: ${output.workflowMessage?.message?.content?.trimEnd()}`)
    )
  )
})

const program = Effect.gen(function*() {
  const { name, simulator } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  yield* conversation
  if (simulator !== undefined) yield* workflow
})

program.pipe(
  Effect.catchAll((error) =>
    Effect.zipRight(
      Console.error(`${error._tag}: ${error.message}`),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)

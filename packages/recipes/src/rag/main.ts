/** Answers a question from a handful of passages. */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { LibsqlClient } from "@effect/sql-libsql"
import { Console, Effect, Layer } from "effect"
import { DashScope } from "effect-dashscope"
import { service } from "../internal/service.js"
import { add, answer, prepare } from "./rag.js"

const passages = [
  "The pool opens a connection when a request needs one and none is idle.",
  "An idle connection is closed after connectionIdleTimeout.",
  "The service closes connections that are idle for 60 seconds.",
  "West Lake lies in Hangzhou."
]

const Database = Layer.unwrapScoped(Effect.gen(function*() {
  const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
  return LibsqlClient.layer({ url: `file:${folder}/passages.db` })
}))

const program = Effect.gen(function*() {
  yield* prepare
  yield* add(passages)
  const { sources, text } = yield* answer("When is an idle connection closed?")
  for (const source of sources) yield* Console.log(`  ${source}`)
  yield* Console.log(text)
})

program.pipe(
  Effect.provide(Database),
  Effect.provide(DashScope.layer()),
  Effect.provide(NodeContext.layer),
  Effect.provide(service),
  NodeRuntime.runMain
)

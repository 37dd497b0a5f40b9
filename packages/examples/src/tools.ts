/**
 * Functions that the model may call: described by Schemas, carried out by Effects, in a loop that ends with an answer.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Data, Effect, Schema, Stream } from "effect"
import { DashScope, Generation, Tool } from "effect-dashscope"
import * as Service from "./internal/service.js"

// What the model is told: names, descriptions, and the JSON Schema of the parameters.

const Place = Schema.Struct({ city: Schema.String.annotations({ description: "Its name, such as Hangzhou" }) })

const GetWeather = Tool.make("get_weather", {
  description: "The weather of a city, now",
  parameters: Place,
  success: Schema.Struct({ sky: Schema.String, degrees: Schema.Number })
})

const GetTime = Tool.make("get_time", { description: "The time in a city", parameters: Place, success: Schema.String })

// What is done: Effects, with errors and requirements of their own.

class UnknownCity extends Data.TaggedError("UnknownCity")<{ readonly city: string }> {
  override readonly message = `There is no station in ${this.city}`
}

class Stations extends Context.Tag("examples/Stations")<Stations, {
  readonly at: (city: string) => Effect.Effect<{ readonly sky: string; readonly degrees: number }, UnknownCity>
}>() {}

const handlers = Tool.handlers([GetWeather, GetTime], {
  get_weather: ({ city }) => Effect.flatMap(Stations, (stations) => stations.at(city)),
  get_time: () => Effect.succeed("14:05")
})

const ask = (prompt: string) => ({ model: "qwen-plus", prompt, parallelToolCalls: true })

// The whole run, as one Effect. Both calls of one answer are worked on at once.
const asCall = Effect.gen(function*() {
  const { messages, result, rounds, usage } = yield* Generation.runTools(
    ask("How is the weather in Hangzhou, and what time is it there?"),
    handlers,
    { concurrency: "unbounded" }
  )
  yield* Console.log(`  ${Generation.text(result)}`)
  yield* Console.log(`  ${rounds} rounds, ${messages.length} messages, ${usage.totalTokens} tokens in all`)
})

// The same, step by step. The handler fails, and here that is for the model to deal with.
const asStream = Generation.runToolsStream(
  ask("How is the weather in Atlantis?"),
  handlers,
  { onHandlerFailure: (error) => `No weather: ${error.message}` }
).pipe(
  Stream.runForEach(Tool.RunEvent.$match({
    Increment: ({ result }) => Effect.sync(() => process.stdout.write(Generation.text(result))),
    ToolCallStarted: ({ call }) => Console.log(`  calls ${call.function.name}(${call.function.arguments})`),
    ToolCallFinished: ({ content, outcome }) => Console.log(`  is told "${content}" (${outcome})`),
    RoundEnded: ({ result, round }) =>
      Console.log(`${Generation.text(result) === "" ? "" : "\n"}  (end of round ${round})`),
    Finished: ({ usage }) => Console.log(`  ${usage.totalTokens} tokens in all`)
  }))
)

// Where the failure is not for the model, it is the caller's, as a typed error.
const asFailure = Generation.runTools(ask("How is the weather in Atlantis?"), handlers).pipe(
  Effect.zipRight(Console.log("  no failure")),
  Effect.catchTag("UnknownCity", ({ city }) => Console.log(`  UnknownCity: ${city}`))
)

// A bound on the rounds, so that a model that only ever calls tools comes to an end.
const asTooMany = Generation.runTools(ask("How is the weather in Hangzhou?"), handlers, { maxRounds: 1 }).pipe(
  Effect.zipRight(Console.log("  no failure")),
  Effect.catchTag("TooManyRounds", (error) => Console.log(`  TooManyRounds: ${error.message}`))
)

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  yield* Console.log("As one Effect:")
  yield* asCall
  yield* Console.log("As a stream:")
  yield* asStream
  yield* Console.log("A handler that fails:")
  yield* asFailure
  yield* Console.log("One round only:")
  yield* asTooMany
})

program.pipe(
  Effect.provideService(Stations, {
    at: (city) =>
      city === "Hangzhou" ? Effect.succeed({ sky: "cloudy", degrees: 18 }) : Effect.fail(new UnknownCity({ city }))
  }),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)

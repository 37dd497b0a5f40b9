/**
 * Answers that are values of a Schema: kept to it by the service, or by the model alone, and fixed where they do not fit.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schema } from "effect"
import { DashScope, Generation, Message } from "effect-dashscope"
import * as Service from "./internal/service.js"

class Ticket extends Schema.Class<Ticket>("Ticket")({
  summary: Schema.String.annotations({ description: "In one sentence" }),
  product: Schema.String,
  urgency: Schema.Literal("low", "normal", "high"),
  copies: Schema.Int.annotations({ description: "How many are affected" })
}) {
  get isUrgent() {
    return this.urgency === "high"
  }
}

// json_schema: the service sees to it that the answer fits. What comes is an instance of the class.
const bySchema = Effect.gen(function*() {
  const { usage, value } = yield* Generation.callObject(
    {
      model: "qwen-plus",
      messages: [Message.user("A complaint of high urgency: 12 copies of \"Night Train\" came wet.")]
    },
    Ticket
  )
  yield* Console.log(`  ${value.product}, ${value.copies} copies, urgent: ${value.isUrgent}`)
  yield* Console.log(`  ${usage.totalTokens} tokens`)
})

const Sum = Schema.Struct({ answer: Schema.String, result: Schema.Number })

// json_object: for models that can only be told to write JSON. The JSON Schema is then part of the system message.
const byInstruction = Effect.gen(function*() {
  const { value } = yield* Generation.callObject(
    { model: "qwen-turbo", messages: [Message.user("What is 17 * 23?")] },
    Sum,
    { format: "json_object" }
  )
  yield* Console.log(`  ${value.result}`)
})

const hour = Schema.Int.pipe(Schema.between(0, 24))

// No JSON Schema can say this, so the model may well get it wrong.
const Booking = Schema.Struct({ from: hour, until: hour }).pipe(
  Schema.filter(({ from, until }) => from < until || `until (${until}) must be later than from (${from})`)
).annotations({ identifier: "Booking" })

const booking = {
  model: "qwen-plus",
  // The simulator takes the numbers as they come.
  messages: [Message.user("Book the room until 15 o'clock, from 14.")]
}

// An answer that does not fit goes back to the model, with what is wrong.
const fixed = Effect.gen(function*() {
  const { attempts, usage, value } = yield* Generation.callObject(booking, Booking, { repair: 2 })
  yield* Console.log(`  from ${value.from} until ${value.until}, attempts: ${attempts}, ${usage.totalTokens} tokens`)
})

// Without that, or when it does not help, it is an error that has the text and what is wrong with it.
const notMended = Generation.callObject(booking, Booking).pipe(
  Effect.flatMap(({ value }) => Console.log(`  fits at once: from ${value.from} until ${value.until}`)),
  Effect.catchTag("InvalidObject", (error) =>
    Effect.zipRight(
      Console.log(`  ${error._tag}, ${error.reason}: ${error.description}`),
      Console.log(`  the model wrote ${error.text}`)
    ))
)

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  yield* Console.log("By json_schema:")
  yield* bySchema
  yield* Console.log("By json_object:")
  yield* byInstruction
  yield* Console.log("Fixed by the model:")
  yield* fixed
  yield* Console.log("Not fixed:")
  yield* notMended
})

program.pipe(
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)

/**
 * Reads a receipt with an OCR model, into a value of a Schema.
 *
 * `npm run example -- read-receipt receipt.jpg` reads one of yours.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schema } from "effect"
import { DashScope, Media, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
import * as Picture from "./internal/picture.js"
import * as Service from "./internal/service.js"

const given = process.argv[2]

const image = given === undefined ? Media.bytes(Picture.flag(400, 600), "image/png") : Media.file(given)

/** What is to be read: each field with a description, as the model is told. */
const asked = {
  date: "The date of purchase, as YYYY-MM-DD",
  seller: "The name of the shop",
  total: "The total amount, as a number",
  receipt: { number: "The receipt's number" }
}

class Receipt extends Schema.Class<Receipt>("Receipt")({
  date: Schema.String.pipe(Schema.pattern(/^\d{4}-\d{2}-\d{2}$/)),
  seller: Schema.String,
  total: Schema.NumberFromString,
  receipt: Schema.Struct({ number: Schema.String })
}) {
  get summary() {
    return `${this.seller}, ${this.date}: ${this.total.toFixed(2)} (receipt ${this.receipt.number})`
  }
}

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:  ${name}`)
  const result = yield* MultiModalConversation.call({
    model: "qwen-vl-ocr-latest",
    messages: [MultiModalMessage.user([MultiModalMessage.image(image, { enableRotate: true })])],
    ocrOptions: { task: "key_information_extraction", taskConfig: { resultSchema: asked } }
  })
  const found = MultiModalConversation.ocrResult(result)?.kvResult
  yield* Console.log(`Read:    ${JSON.stringify(found)}`)
  // What does not fit is an error that says where.
  const receipt = yield* Schema.decodeUnknown(Receipt)(found)
  yield* Console.log(`Receipt: ${receipt.summary}`)
  yield* Console.log(`Usage:   ${result.usage?.totalTokens} tokens`)
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

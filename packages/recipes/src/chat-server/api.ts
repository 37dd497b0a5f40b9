import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

export const Turn = Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.NonEmptyString })

/** Come back later: too many wait here already, or the service has said so. */
export class Busy extends Schema.TaggedError<Busy>()(
  "Busy",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 503 })
) {}

/** It failed, and not by being busy. What it was stands in the log of the server, not here. */
export class Failed extends Schema.TaggedError<Failed>()(
  "Failed",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 502 })
) {}

export const Api = HttpApi.make("chat").add(
  HttpApiGroup.make("chat", { topLevel: true })
    .add(HttpApiEndpoint.get("page", "/").addSuccess(HttpApiSchema.Text({ contentType: "text/html" })))
    .add(
      HttpApiEndpoint.post("ask", "/ask")
        .setPayload(Schema.Struct({ messages: Schema.NonEmptyArray(Turn) }))
        .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
        .addError(Busy)
        .addError(Failed)
    )
)

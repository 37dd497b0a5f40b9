import * as Schema from "effect/Schema"
import { existsSync, readdirSync, readFileSync } from "node:fs"

/** Recorded exchanges with the real service, where they lie beside the checkout; they are no part of it. */
export const captures = new URL("../../../../../shared/captures/", import.meta.url)

export const hasCaptures = existsSync(captures)

const Exchange = Schema.Struct({
  name: Schema.String,
  /** Of some the request was kept in part, or not at all. */
  request: Schema.optionalWith(
    Schema.Struct({
      method: Schema.optionalWith(Schema.String, { default: () => "POST" }),
      path: Schema.optionalWith(Schema.String, { default: () => "" }),
      body: Schema.optional(Schema.Unknown)
    }),
    { default: () => ({ method: "POST", path: "" }) }
  ),
  response: Schema.Struct({
    status: Schema.Number,
    headers: Schema.Record({ key: Schema.String, value: Schema.String }),
    body: Schema.String
  })
})

const decode = Schema.decodeUnknownSync(Schema.parseJson(Exchange))

/** All of them, but for what was put beside them and is none. */
export const exchanges: ReadonlyArray<typeof Exchange.Type> = hasCaptures
  ? readdirSync(captures).filter((file) => file.endsWith("sse.json")).map((file) =>
    decode(readFileSync(new URL(file, captures), "utf8"))
  )
  : []

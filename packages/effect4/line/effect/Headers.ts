/** What Effect 3's Headers have and Effect 4's do not, with the signatures of Effect 3. */
import * as Headers from "effect/http/Headers"
import * as Schema from "effect/Schema"

export const schemaFromSelf: Schema.declare<Headers.Headers> = Schema.declare(Headers.isHeaders, {
  identifier: "HeadersFromSelf"
})

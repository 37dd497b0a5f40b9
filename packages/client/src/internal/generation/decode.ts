import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type GenerationResult, Received, toResult } from "../../GenerationResult.js"
import * as Codec from "../core/codec.js"
import * as FastDecode from "./fastDecode.js"

const decodeReceived = Codec.decoder(Received)

const Text = Schema.Struct({
  output: Schema.Struct({
    text: Schema.optional(Schema.NullOr(Schema.String)),
    message: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })))
  })
})

const decodeText = Schema.decodeUnknownEither(Text)

/** Without choices, what may be odd beside them is the answer. */
const received = (json: unknown): Either.Either<Received, ParseResult.ParseError> =>
  Either.flatMap(decodeReceived(json), (result) => {
    const { choices, text } = result.output
    return (choices?.length ?? 0) > 0 || typeof text === "string" ?
      Either.right(result) :
      Either.map(decodeText(json), () => result)
  })

/** @internal The JSON of an answer: what the Schema does, at a twentieth of its cost. */
export const decode = (json: unknown): Either.Either<GenerationResult, ParseResult.ParseError> => {
  const fast = FastDecode.decode(json)
  return fast === undefined ? Either.map(received(json), toResult) : Either.right(fast)
}

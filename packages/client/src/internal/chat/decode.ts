import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Choice, type GenerationResult, Received, toResult } from "../../GenerationResult.js"
import * as Codec from "../core/codec.js"
import { isRecord } from "../core/record.js"
import * as FastDecode from "./fastDecode.js"

const decodeReceived = Codec.decoder(Received)

const Text = Schema.Struct({
  output: Schema.Struct({
    text: Schema.optional(Schema.NullOr(Schema.String)),
    message: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })))
  })
})

// Compiled when it is used first.
const decodeText = (json: unknown) => Schema.decodeUnknownEither(Text)(json)

const decodeChoice = Codec.decoder(Choice)

const isChoice = (json: unknown): boolean => Either.isRight(decodeChoice(json))

/** The same without choices that are none, where there is another, or the text. */
const withoutOdd = (json: unknown): unknown => {
  const output = isRecord(json) ? json["output"] : undefined
  if (!isRecord(json) || !isRecord(output)) return undefined
  const { choices, text } = output
  if (Array.isArray(choices) && choices.some(isChoice)) {
    const good = choices.map((choice: unknown) => isChoice(choice) ? choice : { message: {} })
    return { ...json, output: { ...output, choices: good } }
  }
  return typeof text === "string" ? { ...json, output: { ...output, choices: null } } : undefined
}

const decodeGood = (json: unknown): Either.Either<Received, ParseResult.ParseError> => {
  const whole = decodeReceived(json)
  const good = Either.isRight(whole) ? undefined : withoutOdd(json)
  return good === undefined ? whole : Either.orElse(decodeReceived(good), () => whole)
}

/** Without choices, what may be odd beside them is the answer. */
const received = (json: unknown): Either.Either<Received, ParseResult.ParseError> =>
  Either.flatMap(decodeGood(json), (result) => {
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

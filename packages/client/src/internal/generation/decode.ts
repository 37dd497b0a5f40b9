import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import { type GenerationResult, Received, toResult } from "../../GenerationResult.js"
import * as Codec from "../core/codec.js"
import * as FastDecode from "./fastDecode.js"

const decodeReceived = Codec.decoder(Received)

/** @internal The JSON of an answer: what the Schema does, at a twentieth of its cost. */
export const decode = (json: unknown): Either.Either<GenerationResult, ParseResult.ParseError> => {
  const fast = FastDecode.decode(json)
  return fast === undefined ? Either.map(decodeReceived(json), toResult) : Either.right(fast)
}

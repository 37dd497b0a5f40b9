import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { InputRequired } from "../../DashScopeError.js"
import * as Message from "../../Message.js"
import * as Codec from "../core/codec.js"
import { invalid } from "../protocol/invalid.js"

const encode = Codec.encoder(Schema.Array(Message.Message))

/** What is said, in either form. @internal */
export interface Said {
  readonly prompt?: string | undefined
  readonly messages?: ReadonlyArray<Message.Message> | undefined
}

/** The same as it is sent: the prompt as a message of the user where there are messages. @internal */
export const encodeMessages = ({ messages, prompt }: Said): Either.Either<Said, InputRequired> => {
  if (messages === undefined || messages.length === 0) return Either.right({ prompt, messages: undefined })
  const encoded = encode(prompt ? [...messages, Message.user(prompt)] : messages)
  if (Either.isRight(encoded)) return Either.right({ prompt: undefined, messages: encoded.right as Said["messages"] })
  const at = ParseResult.ArrayFormatter.formatErrorSync(encoded.left)[0]?.path.join(".") ?? ""
  return invalid("messages", `not a message (at ${at || "its top"})`)
}

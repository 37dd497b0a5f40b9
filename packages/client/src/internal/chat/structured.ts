/**
 * `Generation.callObject`, over any function that asks the model.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import type { GenerationParams, ResponseFormat } from "../../GenerationParams.js"
import type { GenerationResult } from "../../GenerationResult.js"
import * as Results from "../../GenerationResult.js"
import * as Message from "../../Message.js"
import type { ObjectOptions, ObjectResult } from "../../StructuredOutput.js"
import { InvalidObject, type InvalidObjectReason } from "../../StructuredOutput.js"
import * as Annotations from "../core/annotations.js"
import { decodeWritten } from "../core/decodeWritten.js"
import * as JsonSchema from "../core/jsonSchema.js"
import { cut, describe, type Issues } from "../core/schemaIssues.js"
import * as WrittenJson from "../core/writtenJson.js"
import { fromEither } from "../effect/either.js"
import { invalid } from "../protocol/invalid.js"
import { withoutOptions } from "../protocol/options.js"
import * as Reply from "./reply.js"
import * as Turns from "./turns.js"

/** The service's rule for names of functions; it has none for these. */
const namePattern = /^[A-Za-z0-9_-]{1,64}$/

/** @internal What a Schema is called, in the characters that a name may have. */
export const nameOf = (ast: AST.AST): string => {
  const name = Annotations.nameOf(ast) ?? ""
  // Identifiers often begin with a module's path.
  const short = name.slice(name.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64)
  return /[A-Za-z0-9]/.test(short) ? short : "answer"
}

/** The service looks for the word in the system's and the user's messages. */
const saysJson = (messages: ReadonlyArray<Turns.ChatMessage>): boolean =>
  messages.some(({ content, role }) =>
    (role === "system" || role === "user") && /json/i.test(Turns.textOf(content, "\n"))
  )

/** Adds to the system message, since some models take only one, and only in front. */
const instruct = (
  messages: ReadonlyArray<Turns.ChatMessage>,
  text: string
): ReadonlyArray<Turns.ChatMessage> => {
  const [first, ...rest] = messages
  if (first?.role !== "system") return [Message.system(text), ...messages]
  const content = typeof first.content === "string" ?
    first.content.trim() === "" ? text : `${first.content}\n\n${text}` :
    [...first.content, Message.text(text)]
  return [{ ...first, content }, ...rest]
}

const brief = "Answer with one JSON object and nothing else."

const ownOptions = ["format", "name", "description", "describe", "repair"] as const

/** What holds for all attempts. */
interface Plan<P> {
  readonly params: P
  readonly repair: number
}

const makePlan = <P extends Turns.ChatParams, A, I, R>(
  params: P,
  schema: Schema.Schema<A, I, R>,
  options: ObjectOptions
): Either.Either<Plan<P>, InputRequired> => {
  const { format = "json_schema", name = nameOf(schema.ast), repair = 0 } = options
  if (!Number.isInteger(repair) || repair < 0) return invalid("repair", "must be a whole number from 0")
  if (!namePattern.test(name)) return invalid("name", "must be 1 to 64 of the characters A-Z a-z 0-9 _ -")
  if (params.n !== undefined && params.n > 1) return invalid("n", "must be 1 where one object is asked for")
  const jsonSchema = JsonSchema.makeObject(schema)
  if (Either.isLeft(jsonSchema)) return invalid("schema", `the Schema ${jsonSchema.left}`)
  const description = options.description ?? Annotations.descriptionOf(schema.ast)
  const responseFormat: ResponseFormat = format === "json_object" ? { type: "json_object" } : {
    type: "json_schema",
    jsonSchema: {
      name,
      ...(description === undefined ? undefined : { description }),
      schema: jsonSchema.right,
      strict: true
    }
  }
  const given = Turns.messagesOf(params)
  const isSchemaShown = options.describe ?? responseFormat.type === "json_object"
  const instruction = isSchemaShown ?
    `${brief} It must fit this JSON Schema:\n${JSON.stringify(jsonSchema.right)}` :
    brief
  const isInstructed = isSchemaShown || (responseFormat.type === "json_object" && !saysJson(given))
  const messages = isInstructed ? instruct(given, instruction) : given
  // Nothing to say is for the call to refuse, and an instruction alone must not hide it.
  return Either.right({
    params: { ...(given.length === 0 ? params : Turns.withMessages(params, messages)), responseFormat },
    repair
  })
}

/** What is wrong with an answer. */
interface Fault extends Issues {
  readonly reason: InvalidObjectReason
}

const wasCut = (result: GenerationResult): boolean =>
  result.isPartial === true || result.output.choices[0].finishReason === "length"

/** What the text holds; the first reading that fits, or what is wrong with the most likely one. */
const read = <A, R>(
  text: string,
  isCut: boolean,
  decode: (value: unknown) => Effect.Effect<A, ParseResult.ParseError, R>
): Effect.Effect<A, Fault, R> => {
  if (WrittenJson.unfence(text) === "") return Effect.fail({ reason: "Empty", paths: [], text: "There is no text" })
  // Of an answer cut short, an object that stands in it whole is not the one that was asked for.
  const readings = WrittenJson.readings(text, { amidWords: !isCut })
  if (Either.isLeft(readings)) {
    return Effect.fail({ reason: "NotJson", paths: [], text: cut(readings.left, 400) })
  }
  const [first, ...rest] = readings.right
  const others = (error: ParseResult.ParseError): Effect.Effect<A, ParseResult.ParseError, R> =>
    rest.reduce<Effect.Effect<A, ParseResult.ParseError, R>>(
      (found, reading) => Effect.catchAll(found, () => Effect.catchAll(decode(reading), () => Effect.fail(error))),
      Effect.fail(error)
    )
  return Effect.catchAll(
    Effect.catchAll(decode(first), others),
    (error) => Effect.flatMap(describe(error), (issues) => Effect.fail<Fault>({ reason: "DoesNotFit", ...issues }))
  )
}

const longestText = 4000

/** The question of another attempt. */
const askAgain = (text: string, fault: Fault): ReadonlyArray<Message.Message> => {
  const complaint = Message.user(
    `That is not the object that was asked for: ${fault.text}. ${brief} Correct what is wrong and keep the rest. ` +
      "Use no code fence."
  )
  // The service refuses an empty message.
  return text.trim() === "" ? [complaint] : [Message.assistant(text), complaint]
}

const run = <P extends Turns.ChatParams, A, I, R, Own extends CallOptions, R0>(
  call: (params: P, options?: Own) => Effect.Effect<GenerationResult, DashScopeError, R0>,
  params: P,
  schema: Schema.Schema<A, I, R>,
  options: (Own & ObjectOptions) | undefined
): Effect.Effect<ObjectResult<A>, DashScopeError | InvalidObject, R0 | R> =>
  Effect.gen(function*() {
    const plan = yield* fromEither(makePlan(params, schema, options ?? {}))
    const decode = decodeWritten(schema)
    const ofCall = withoutOptions(options, ownOptions)
    let asked = plan.params
    let usage = Reply.noUsage
    for (let attempts = 1;; attempts++) {
      const result = yield* call(asked, ofCall)
      usage = Reply.addUsage(usage, result)
      const text = Results.text(result)
      const decoded = yield* Effect.either(read(text, wasCut(result), decode))
      if (Either.isRight(decoded)) {
        return { value: decoded.right, result, attempts, usage }
      }
      const fault = decoded.left
      const isCut = fault.reason !== "DoesNotFit" && wasCut(result)
      if (isCut || attempts > plan.repair) {
        const { finishReason } = result.output.choices[0]
        return yield* new InvalidObject({
          reason: isCut ? "Truncated" : fault.reason,
          description: fault.text,
          paths: fault.paths,
          text: cut(text, longestText),
          ...(finishReason ? { finishReason } : undefined),
          attempts,
          ...(result.requestId ? { requestId: result.requestId } : undefined)
        })
      }
      asked = Turns.withMessages(asked, [...asked.messages ?? [], ...askAgain(text, fault)])
    }
  })

/** @internal */
export interface CallObject<R0, Own extends CallOptions, P = GenerationParams> {
  <A, I, R>(
    params: P,
    schema: Schema.Schema<A, I, R>,
    options?: Own & ObjectOptions
  ): Effect.Effect<ObjectResult<A>, DashScopeError | InvalidObject, R0 | R>
}

/**
 * `Generation.callObject`, given `Generation.call`.
 *
 * @internal
 */
export const callObject = <R0, Own extends CallOptions, P extends Turns.ChatParams = GenerationParams>(
  call: (params: P, options?: Own) => Effect.Effect<GenerationResult, DashScopeError, R0>
): CallObject<R0, Own, P> =>
(params, schema, options) => run(call, params, schema, options)

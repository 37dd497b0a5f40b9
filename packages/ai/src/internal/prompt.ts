/**
 * A prompt as the messages of a request.
 *
 * What a history of this kind may hold and the service refuses is put right here: several system messages in front (as
 * `Prompt.appendSystem` makes them), calls without a result, results without a call, messages that say nothing.
 */
import type * as Prompt from "@effect/ai/Prompt"
import * as Message from "effect-dashscope/Message"
import * as Either from "effect/Either"
import type {} from "./augmentation.js"
import type { Dialect } from "./files.js"
import { shown } from "./toolkit.js"
import { resultText } from "./toolText.js"

export type Content<P> = string | ReadonlyArray<Message.TextPart | P>

export interface AssistantTurn<P> {
  readonly role: "assistant"
  readonly content: Content<P>
  readonly reasoningContent?: string
  readonly toolCalls?: ReadonlyArray<Message.ToolCall>
  readonly partial?: boolean
}

export interface ToolTurn<P> {
  readonly role: "tool"
  readonly content: Content<P>
  readonly toolCallId: string
  readonly name: string
}

export type Turn<P> =
  | { readonly role: "system" | "user"; readonly content: Content<P> }
  | AssistantTurn<P>
  | ToolTurn<P>

export interface Options {
  /** Whether the thinking of earlier turns is sent too. */
  readonly preserveThinking: boolean
}

type CacheControl = Message.CacheControl | undefined

/** One text without a mark is a plain text; and texts that say nothing are no parts. */
const contentOf = <P>(parts: ReadonlyArray<Message.TextPart | P>, mark?: CacheControl): Content<P> => {
  const said = parts.filter((part) => !(isText(part) && part.text === ""))
  const parted = mark === undefined ?
    said :
    said.map((part, i) => i === said.length - 1 && markOf(part) === undefined ? { ...part, cacheControl: mark } : part)
  const [first] = parted
  if (first === undefined) return ""
  return parted.length === 1 && isText(first) && first.cacheControl === undefined ? first.text : parted
}

/** Parts of every kind may have one. */
const markOf = (part: unknown): unknown =>
  typeof part === "object" && part !== null ? Reflect.get(part, "cacheControl") : undefined

const isText = (part: unknown): part is Message.TextPart =>
  typeof part === "object" && part !== null && Reflect.get(part, "type") === "text"

const marked = (text: string, mark: CacheControl): Message.TextPart =>
  Message.text(text, mark === undefined ? undefined : { cacheControl: mark })

const textOf = ({ options, text }: Prompt.TextPart): Message.TextPart => marked(text, options.dashscope?.cacheControl)

const contentParts = <P>(
  parts: ReadonlyArray<Prompt.Part>,
  dialect: Dialect<P>
): Either.Either<Array<Message.TextPart | P>, string> => {
  const out: Array<Message.TextPart | P> = []
  for (const part of parts) {
    if (part.type === "text") out.push(textOf(part))
    if (part.type !== "file") continue
    const file = dialect.file(part)
    if (Either.isLeft(file)) return Either.left(file.left)
    out.push(file.right)
  }
  return Either.right(out)
}

// -----------------------------------------------------------------------------
// system messages
// -----------------------------------------------------------------------------

/** `appendSystem` and `prependSystem` put the new text in front and leave the old one behind it. */
const isRepeated = (texts: ReadonlyArray<Message.TextPart>, text: string): boolean =>
  texts.some((earlier) => earlier.text.startsWith(text) || earlier.text.endsWith(text))

/** The leading ones as one, since some models take only one. */
const systemTurn = <P>(messages: ReadonlyArray<Prompt.SystemMessage>): Turn<P> | undefined => {
  const texts: Array<Message.TextPart> = []
  for (const { content, options } of messages) {
    if (content.trim() === "" || isRepeated(texts, content)) continue
    texts.push(marked(content, options.dashscope?.cacheControl))
  }
  if (texts.length === 0) return undefined
  return {
    role: "system",
    content: texts.some(({ cacheControl }) => cacheControl !== undefined)
      ? texts
      : texts.map(({ text }) => text).join("\n\n")
  }
}

// -----------------------------------------------------------------------------
// tool calls
// -----------------------------------------------------------------------------

/** The arguments as JSON text, which has to be an object; or what is wrong. */
const argumentsOf = ({ name, params }: Prompt.ToolCallPart): Either.Either<string, string> =>
  Either.try({
    try: () => {
      const json: unknown = JSON.stringify(params)
      return typeof json === "string" && json.startsWith("{") ? json : "{}"
    },
    catch: () => `the arguments of a call of ${name} cannot be written as JSON`
  })

const callsOf = (
  parts: ReadonlyArray<Prompt.Part>,
  results: ReadonlyMap<string, Prompt.ToolResultPart>
): Either.Either<Array<Message.ToolCall>, string> => {
  const calls: Array<Message.ToolCall> = []
  for (const part of parts) {
    // What the provider executed is its own, and a call without a result would be refused.
    if (part.type !== "tool-call" || part.providerExecuted || !results.has(part.id)) continue
    const args = argumentsOf(part)
    if (Either.isLeft(args)) return Either.left(args.left)
    calls.push(Message.toolCall({ id: part.id, name: part.name, arguments: args.right }))
  }
  return Either.right(calls)
}

const isResult = (part: Prompt.Part): part is Prompt.ToolResultPart =>
  part.type === "tool-result" && !part.providerExecuted

const resultsIn = (message: Prompt.Message | undefined): ReadonlyArray<Prompt.ToolResultPart> => {
  switch (message?.role) {
    case "assistant":
      return message.content.filter(isResult)
    case "tool":
      return message.content.filter(isResult)
    default:
      return []
  }
}

/** The results that belong to an assistant's message: in it, and in the messages of tools right after it. */
const resultsAfter = (
  messages: ReadonlyArray<Prompt.Message>,
  place: number
): ReadonlyMap<string, Prompt.ToolResultPart> => {
  const results = new Map(resultsIn(messages[place]).map((part) => [part.id, part]))
  for (let i = place + 1; messages[i]?.role === "tool"; i++) {
    for (const part of resultsIn(messages[i])) results.set(part.id, part)
  }
  return results
}

const toolTurn = <P>(part: Prompt.ToolResultPart, name: string): Either.Either<ToolTurn<P>, string> =>
  Either.map(resultText(part.name, shown(part), part.isFailure), (text) => ({
    role: "tool",
    content: contentOf<P>([Message.text(text)], part.options.dashscope?.cacheControl),
    toolCallId: part.id,
    name
  }))

// -----------------------------------------------------------------------------
// messages
// -----------------------------------------------------------------------------

const reasoningOf = (parts: ReadonlyArray<Prompt.Part>): string =>
  parts.map((part) => part.type === "reasoning" ? part.text : "").join("")

interface Place {
  readonly messages: ReadonlyArray<Prompt.Message>
  readonly at: number
  /** Whether the thinking is wanted back here. */
  readonly thinking: boolean
}

/** The texts of one answer are one text: they were only told apart by what came between them. */
const joined = <P>(content: Content<P>): Content<P> =>
  typeof content !== "string" && content.every((part) => isText(part) && part.cacheControl === undefined)
    ? content.map((part) => isText(part) ? part.text : "").join("")
    : content

const assistantTurns = <P>(
  message: Prompt.AssistantMessage,
  { at, messages, thinking }: Place,
  dialect: Dialect<P>
): Either.Either<ReadonlyArray<Turn<P>>, string> => {
  const results = resultsAfter(messages, at)
  return Either.flatMap(
    callsOf(message.content, results),
    (calls) =>
      Either.flatMap(contentParts(message.content, dialect), (parts) => {
        const content = joined(contentOf(parts, message.options.dashscope?.cacheControl))
        if (calls.length === 0 && content === "") return Either.right([])
        const reasoningContent = thinking ? reasoningOf(message.content) : ""
        const isPartial = message.options.dashscope?.partial === true && at === messages.length - 1
        const turn: AssistantTurn<P> = {
          role: "assistant",
          content,
          ...(reasoningContent === "" ? undefined : { reasoningContent }),
          ...(calls.length === 0 ? undefined : { toolCalls: calls }),
          ...(isPartial ? { partial: true } : undefined)
        }
        const turns: Array<Turn<P>> = [turn]
        for (const { function: { name }, id } of calls) {
          const result = results.get(id)
          if (result === undefined) continue
          const answer = toolTurn<P>(result, name)
          if (Either.isLeft(answer)) return Either.left(answer.left)
          turns.push(answer.right)
        }
        return Either.right(turns)
      })
  )
}

const turnsOf = <P>(
  message: Prompt.Message,
  place: Place,
  dialect: Dialect<P>
): Either.Either<ReadonlyArray<Turn<P>>, string> => {
  switch (message.role) {
    case "system": {
      const turn = systemTurn<P>([message])
      return Either.right(turn === undefined ? [] : [turn])
    }
    case "user":
      return Either.map(contentParts(message.content, dialect), (parts) => [{
        role: "user",
        content: contentOf(parts, message.options.dashscope?.cacheControl)
      }])
    case "assistant":
      return assistantTurns(message, place, dialect)
    // They stand behind the calls that they answer; those that answer none are left out.
    case "tool":
      return Either.right([])
  }
}

const leadingSystem = (messages: ReadonlyArray<Prompt.Message>): ReadonlyArray<Prompt.SystemMessage> => {
  const leading: Array<Prompt.SystemMessage> = []
  for (const message of messages) {
    if (message.role !== "system") break
    leading.push(message)
  }
  return leading
}

/** The messages, or what in the prompt cannot be sent. */
export const convert = <P>(
  { content: messages }: Prompt.Prompt,
  dialect: Dialect<P>,
  { preserveThinking }: Options
): Either.Either<ReadonlyArray<Turn<P>>, string> => {
  const leading = leadingSystem(messages)
  const system = systemTurn<P>(leading)
  const turns: Array<Turn<P>> = system === undefined ? [] : [system]
  const lastUser = messages.reduce((last, { role }, i) => role === "user" ? i : last, -1)
  for (let at = leading.length; at < messages.length; at++) {
    const message = messages[at]
    if (message === undefined) continue
    // In the rounds of tools the model wants its thinking back; of earlier turns only if it is told to keep it.
    const made = turnsOf(message, { messages, at, thinking: preserveThinking || at > lastUser }, dialect)
    if (Either.isLeft(made)) return Either.left(made.left)
    turns.push(...made.right)
  }
  return Either.right(turns)
}

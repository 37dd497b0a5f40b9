/** An answer as the parts of a response. */
import type * as Response from "@effect/ai/Response"
import * as AiTool from "@effect/ai/Tool"
import * as Generation from "effect-dashscope/Generation"
import type { GenerationResult } from "effect-dashscope/GenerationResult"
import type * as Message from "effect-dashscope/Message"
import * as Tool from "effect-dashscope/Tool"
import * as Either from "effect/Either"
import * as Finish from "./finish.js"
import type { Problem } from "./original.js"
import * as OwnTools from "./ownTools.js"
import * as Toolkits from "./toolkit.js"

/** What is known of the request that was answered. */
export interface Asked {
  readonly model: string
  readonly tools: ReadonlyArray<AiTool.Any>
  /** When the answer began, in milliseconds since 1970. */
  readonly now: number
  /** A text of its own for each answer, from which ids are made where the service gives none. */
  readonly id: string
}

export const metadataPart = (
  result: GenerationResult,
  { model, now }: Asked
): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  id: result.requestId ?? undefined,
  modelId: result.output.modelName ?? model,
  timestamp: new Date(now).toISOString()
})

// -----------------------------------------------------------------------------
// sources
// -----------------------------------------------------------------------------

interface Source {
  readonly url?: string | null | undefined
  readonly title?: string | null | undefined
  readonly siteName?: string | null | undefined
  readonly icon?: string | null | undefined
  readonly index?: number | null | undefined
}

const noSources: ReadonlyArray<Source> = []

const sourcesIn = (result: GenerationResult): ReadonlyArray<Source> => {
  const { message, searchInfo } = result.output
  // As of nearly all elements of a stream.
  if (!message && !searchInfo) return noSources
  return [
    ...searchInfo?.searchResults ?? [],
    ...(Generation.research(result)?.references ?? []).map((reference) => ({
      ...reference,
      index: reference.indexNumber
    }))
  ]
}

const given = <A>(name: string, value: A | null | undefined): Readonly<Record<string, A>> | undefined =>
  value === null || value === undefined ? undefined : { [name]: value }

/** What the answer is based on. One whose URL is none would fail the whole answer, and is left out. */
export const sourceParts = (result: GenerationResult, { id }: Asked): ReadonlyArray<Response.UrlSourcePartEncoded> =>
  sourcesIn(result).flatMap(({ icon, index, siteName, title, url }, i) =>
    typeof url === "string" && URL.canParse(url)
      ? [{
        type: "source" as const,
        sourceType: "url" as const,
        id: `${id}_source_${i}`,
        url,
        title: title ?? siteName ?? url,
        metadata: { dashscope: { ...given("index", index), ...given("siteName", siteName), ...given("icon", icon) } }
      }]
      : []
  )

// -----------------------------------------------------------------------------
// calls
// -----------------------------------------------------------------------------

/** Each with an id of its own: it is by that that its result is known. */
export class CallIds {
  private readonly seen = new Set<string>()

  constructor(private readonly id: string) {}

  of(id: string, place: number): string {
    const own = id === "" || this.seen.has(id) ? `${this.id}_call_${place}` : id
    this.seen.add(own)
    return own
  }
}

/** Where the core's own reader would refuse a text, so do we: it reads no object that changes prototypes. */
const isSafe = (value: unknown): boolean =>
  Either.isRight(Either.try(() => AiTool.unsafeSecureJsonParse(JSON.stringify(value))))

const paramsOf = (call: Message.ToolCall): Either.Either<unknown, Problem> => {
  const tool = call.function.name
  return Either.flatMap(
    Either.mapLeft(Tool.parseArguments(call), ({ description }) => ({ description, tool })),
    (params) =>
      isSafe(params)
        ? Either.right(params)
        : Either.left({ description: `The arguments for ${tool} name a prototype, which is refused.`, tool })
  )
}

const callPart = (call: Message.ToolCall, id: string): Either.Either<Response.ToolCallPartEncoded, Problem> =>
  Either.map(paramsOf(call), (params) => ({ type: "tool-call", id, name: call.function.name, params }))

/** Why calls cannot be followed; nothing where they can. */
const cutProblem = (end: Finish.End): string | undefined => {
  if (end.finishReason === "length") {
    return "The answer reached its limit of tokens in the midst of its tool calls, so none was run; raise maxTokens."
  }
  return end.isPartial
    ? "The service's limit of time cut the answer in the midst of its tool calls, so none was run."
    : undefined
}

/** The calls of an answer, with the ids that they have in the response; or why they cannot be followed. */
export const callParts = (
  calls: ReadonlyArray<Message.ToolCall>,
  idOf: (call: Message.ToolCall, place: number) => string,
  end: Finish.End
): Either.Either<ReadonlyArray<Response.ToolCallPartEncoded>, Problem> => {
  if (calls.length === 0) return Either.right([])
  const problem = cutProblem(end)
  if (problem !== undefined) return Either.left({ description: problem })
  return Either.all(calls.map((call, place) => callPart(call, idOf(call, place))))
}

/**
 * The code that the service ran, as calls that the provider executed: where the toolkit has the tool for it. The service tells of no
 * results.
 */
export const codeParts = (
  code: ReadonlyArray<string>,
  { id, tools }: Asked
): ReadonlyArray<Response.ToolCallPartEncoded> => {
  const tool = tools.find((tool) => tool.id === OwnTools.codeInterpreterId)
  return tool === undefined ? [] : code.map((text, i) => ({
    type: "tool-call",
    id: `${id}_code_${i}`,
    name: tool.name,
    params: { code: text },
    ...Toolkits.executed
  }))
}

// -----------------------------------------------------------------------------
// whole answers
// -----------------------------------------------------------------------------

/** Whether ids have to be made for the parts of an answer. */
export const needsId = (result: GenerationResult): boolean =>
  Generation.toolCalls(result).length > 0 || sourcesIn(result).length > 0 || Finish.codeOf(result).length > 0

/** All parts of an answer, with another text in its place where one is given; or why it cannot be used. */
export const parts = (
  result: GenerationResult,
  asked: Asked,
  text = Generation.text(result)
): Either.Either<Array<Response.PartEncoded>, Problem> => {
  const end = Finish.endOf(result)
  const ids = new CallIds(asked.id)
  const calls = Generation.toolCalls(result)
  return Either.map(callParts(calls, ({ id }, place) => ids.of(id, place), end), (toolCalls) => {
    const reasoning = Generation.reasoning(result)
    return [
      metadataPart(result, asked),
      ...(reasoning === "" ? [] : [{ type: "reasoning" as const, text: reasoning }]),
      ...codeParts(end.code, asked),
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
      ...sourceParts(result, asked),
      ...toolCalls,
      Finish.finishPart(end, calls.length > 0)
    ]
  })
}

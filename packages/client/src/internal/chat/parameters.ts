/**
 * The parameters that chats share, from our names to those of the wire.
 *
 * @internal
 */
import { nearest } from "effect-http-pool/Names"
import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import type { GenerationParameters, ResponseFormat, SearchOptions, TranslationOptions } from "../../GenerationParams.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import type { ChatParams } from "./turns.js"

/** A name of the wire; for an object whose fields are named too, with theirs. @internal */
export type Name = string | { readonly name: string; readonly fields: Table }

/** Names of the wire, by ours. @internal */
export interface Table {
  readonly [ours: string]: Name
}

/** A table that leaves out no field. @internal */
export type Names<A> = { readonly [K in keyof A]-?: Name }

/** What goes into the body, as JSON values under wire names. @internal */
export interface Body {
  readonly model: string
  readonly input: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
}

const searchNames: Names<SearchOptions> = {
  forcedSearch: "forced_search",
  searchStrategy: "search_strategy",
  enableSource: "enable_source",
  enableCitation: "enable_citation",
  citationFormat: "citation_format",
  prependSearchResult: "prepend_search_result",
  enableSearchExtension: "enable_search_extension",
  freshness: "freshness",
  assignedSiteList: "assigned_site_list",
  intentionOptions: "intention_options",
  promptIntervene: "prompt_intervene"
}

const translationNames: Names<TranslationOptions> = {
  sourceLang: "source_lang",
  targetLang: "target_lang",
  domains: "domains",
  terms: "terms",
  tmList: "tm_list"
}

const responseFormatNames: Names<Extract<ResponseFormat, { readonly type: "json_schema" }>> = {
  type: "type",
  jsonSchema: "json_schema"
}

/** @internal */
export const chatNames: Names<GenerationParameters> = {
  resultFormat: "result_format",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  seed: "seed",
  maxTokens: "max_tokens",
  maxCompletionTokens: "max_completion_tokens",
  maxLength: "max_length",
  stop: "stop",
  repetitionPenalty: "repetition_penalty",
  presencePenalty: "presence_penalty",
  n: "n",
  incrementalOutput: "incremental_output",
  enableThinking: "enable_thinking",
  thinkingBudget: "thinking_budget",
  preserveThinking: "preserve_thinking",
  reasoningEffort: "reasoning_effort",
  clearThinking: "clear_thinking",
  enableSearch: "enable_search",
  searchOptions: { name: "search_options", fields: searchNames },
  tools: "tools",
  toolChoice: "tool_choice",
  parallelToolCalls: "parallel_tool_calls",
  toolStream: "tool_stream",
  responseFormat: { name: "response_format", fields: responseFormatNames },
  logprobs: "logprobs",
  topLogprobs: "top_logprobs",
  enableCodeInterpreter: "enable_code_interpreter",
  translationOptions: { name: "translation_options", fields: translationNames },
  vlHighResolutionImages: "vl_high_resolution_images",
  vlEnableImageHwOutput: "vl_enable_image_hw_output",
  enableTextImageMixed: "enable_text_image_mixed",
  outputFormat: "output_format"
}

/** @internal */
export const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

/** The named fields that are given, under their wire names. @internal */
export const rename = (self: object, table: Table): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const key in table) {
    const value: unknown = Reflect.get(self, key)
    if (value === undefined) continue
    const name = table[key]
    if (name === undefined) continue
    if (typeof name === "string") out[name] = value
    else out[name.name] = isObject(value) ? rename(value, name.fields) : value
  }
  return out
}

/** `parameters` of the body. What `extra` says goes first. @internal */
export const encode = (
  params: object & { readonly extra?: Readonly<Record<string, unknown>> | undefined },
  table: Table
): Record<string, unknown> => {
  const out = rename(params, table)
  // An empty list says nothing, and the service refuses it.
  for (const name of ["tools", "stop"]) {
    const list = out[name]
    if (Array.isArray(list) && list.length === 0) delete out[name]
  }
  return params.extra === undefined ? out : { ...out, ...params.extra }
}

const ofExtra = "One that is newer goes into extra, under its wire name"

const noSuchField = (service: string, path: string, name: string, names: ReadonlySet<string>): InputRequired => {
  if (path === "" && name === "stream") return invalid(name, `is no parameter; ${service}.stream streams an answer`)
  const meant = nearest(name, names)
  const hint = meant === undefined ? "" : `, did you mean ${meant}?`
  const extra = path === "" ? ofExtra : `${ofExtra}, with all its fields`
  return invalid(`${path}${name}`, `is no parameter that this library knows${hint || "."} ${extra}`)
}

/** Which names there are, made once. @internal */
export class KnownNames {
  private readonly names: ReadonlySet<string>
  private readonly inner: ReadonlyArray<readonly [key: string, KnownNames]>

  constructor(
    private readonly service: string,
    table: Table,
    others: ReadonlyArray<string>,
    private readonly path = ""
  ) {
    this.names = new Set([...Object.keys(table), ...others])
    this.inner = Object.entries(table).flatMap(([key, name]) =>
      typeof name === "string" ? [] : [[key, new KnownNames(service, name.fields, [], `${path}${key}.`)] as const]
    )
  }

  /** A name that would be left out without a word. */
  unknownIn(fields: unknown): InputRequired | undefined {
    if (!isObject(fields)) return undefined
    const { names, path, service } = this
    for (const name in fields) {
      if (!names.has(name) && Reflect.get(fields, name) !== undefined) return noSuchField(service, path, name, names)
    }
    for (const [key, inner] of this.inner) {
      const wrong = inner.unknownIn(Reflect.get(fields, key))
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
}

/** Headers are Latin-1, JSON's escapes are ASCII. */
const escaped = (json: string): string =>
  json.replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)

const noHeaders = Either.right(undefined)

/** The headers of a chat, where it has any. @internal */
export const encodeHeaders = (
  { plugins }: ChatParams
): Either.Either<Readonly<Record<string, string>> | undefined, InputRequired> =>
  plugins === undefined ? noHeaders : Either.try({
    try: () => ({ "x-dashscope-plugin": escaped(typeof plugins === "string" ? plugins : JSON.stringify(plugins)) }),
    catch: () => invalid("plugins", "cannot be written as JSON")
  })

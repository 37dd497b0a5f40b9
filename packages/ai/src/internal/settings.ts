/** What a language model may be told besides the prompt, and how that is taken apart. */
import type { CallOptions } from "effect-dashscope/CallOptions"
import type { GenerationParameters } from "effect-dashscope/GenerationParams"
import type { MultiModalParameters } from "effect-dashscope/MultiModalParams"
import type { Path } from "./path.js"

/** What the language model decides itself. */
type Decided = "incrementalOutput" | "n" | "responseFormat" | "resultFormat" | "toolChoice" | "tools"

/** How this package goes about it. */
export interface OwnSettings {
  /** Such as `qwen-plus`. */
  readonly model?: string | undefined
  /** Which path of the service is asked. Default: by the model's name and the prompt's files. */
  readonly path?: Path | undefined
  /**
   * How `generateObject` asks: `json_schema` has the service keep to the JSON Schema; many models have only `json_object`,
   * where the JSON Schema is written into the system message. Default: `json_schema`.
   */
  readonly structuredOutput?: "json_schema" | "json_object" | undefined
  /** How often `generateObject` shows the model what is wrong with its object and asks again. Default: 0. */
  readonly repair?: number | undefined
  /**
   * Whether `generateText` and `generateObject` ask by a stream and put it together: for models that answer no other way, and
   * for thinking, which some models have in streams only. Default: false.
   */
  readonly callByStream?: boolean | undefined
}

export interface Settings
  extends
    OwnSettings,
    Omit<GenerationParameters, Decided>,
    Omit<MultiModalParameters, Decided | keyof GenerationParameters>,
    CallOptions
{
  /** Plugins, as the service's configuration of them. */
  readonly plugins?: string | Readonly<Record<string, unknown>> | undefined
  /** Parameters that have no name here, under their wire names. They win over the others. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Needed for models named `bailian-…`. */
  readonly customizedModelId?: string | undefined
}

const ownNames: Record<keyof OwnSettings, true> = {
  model: true,
  path: true,
  structuredOutput: true,
  repair: true,
  callByStream: true
}

const optionNames: Record<keyof CallOptions, true> = {
  apiKey: true,
  timeout: true,
  firstContentTimeout: true,
  contentTimeout: true,
  maxEventBytes: true,
  headers: true,
  workspace: true,
  dataInspection: true,
  retry: true,
  waitTimeout: true,
  priority: true
}

/** Settings, each where it belongs. */
export interface Parts {
  readonly settings: Settings
  readonly own: OwnSettings
  /** Of the request's body. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly options: CallOptions
}

export const takeApart = (settings: Settings): Parts => {
  const own: Record<string, unknown> = {}
  const options: Record<string, unknown> = {}
  const parameters: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) continue
    if (Object.hasOwn(ownNames, name)) own[name] = value
    else if (Object.hasOwn(optionNames, name)) options[name] = value
    else parameters[name] = value
  }
  // Each name was looked up among those of its type.
  return { settings, own, parameters, options }
}

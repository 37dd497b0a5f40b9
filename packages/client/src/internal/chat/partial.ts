import type { GenerationResult } from "../../GenerationResult.js"
import type { PartialRun } from "../../ToolRun.js"
import { Partials } from "../operation/partial.js"
import type { ChatMessage } from "./turns.js"

/** What had arrived of an answer when an error ended it. @internal */
export const results = new Partials<GenerationResult>()

/** What a run with tools had done; what fails in a run may be another run. @internal */
export const runs = new Partials<PartialRun<ChatMessage>>()

/** The increments of one choice, put together: its message, its log probabilities, its end. */
import type { Choice, GenerationUsage, ResultMessage, TokenLogprob } from "../../GenerationResult.js"
import { CallsTotal } from "./callsTotal.js"
import { ContentTotal } from "./contentTotal.js"
import { laterReason } from "./finishReason.js"
import { isNullish, last, type Nullish, overhead, Rest, Text } from "./text.js"

class MessageTotal {
  private readonly rest = new Rest()
  private readonly content = new ContentTotal()
  private role: Nullish<string> = undefined
  private readonly reasoning = new Text()
  private calls: CallsTotal | null | undefined = undefined

  add(message: ResultMessage): number {
    let size = 0
    for (const key in message) {
      switch (key) {
        case "content":
          size += this.content.add(message.content)
          break
        case "role":
          this.role = message.role || isNullish(this.role) ? last(this.role, message.role) : this.role
          break
        case "reasoningContent":
          size += this.reasoning.add(message.reasoningContent)
          break
        case "toolCalls":
          if (message.toolCalls) size += (this.calls ??= new CallsTotal()).add(message.toolCalls)
          else if (message.toolCalls === null) this.calls ??= null
          break
        default:
          this.rest.add(key, Reflect.get(message, key))
      }
    }
    return size
  }

  get(): ResultMessage {
    const { calls, role } = this
    const content = this.content.get()
    const reasoning = this.reasoning.get()
    return {
      ...this.rest.get(),
      ...(role === undefined ? undefined : { role }),
      ...(content === undefined ? undefined : { content }),
      ...(reasoning === undefined ? undefined : { reasoningContent: reasoning }),
      ...(calls === undefined ? undefined : { toolCalls: calls === null ? null : calls.get() })
    }
  }
}

class LogprobsTotal {
  private readonly rest = new Rest()
  private tokens: Array<TokenLogprob> | null | undefined = undefined
  private isThere: boolean | undefined = undefined

  add(logprobs: Choice["logprobs"]): number {
    if (isNullish(logprobs)) {
      if (logprobs === null) this.isThere ??= false
      return 0
    }
    this.isThere = true
    for (const key in logprobs) {
      if (key !== "content") this.rest.add(key, Reflect.get(logprobs, key))
    }
    const { content } = logprobs
    if (!content) {
      if (content === null) this.tokens ??= null
      return 0
    }
    const tokens = this.tokens ??= []
    for (const token of content) tokens.push(token)
    return 64 * overhead * content.length
  }

  /** The tokens are copied: what was handed out must not grow. */
  get(): Choice["logprobs"] {
    if (this.isThere === undefined) return undefined
    const { tokens } = this
    return !this.isThere ? null : {
      ...this.rest.get(),
      ...(tokens === undefined ? undefined : { content: tokens === null ? null : tokens.slice() })
    }
  }
}

/** @internal */
export class ChoiceTotal {
  private readonly rest = new Rest()
  private readonly message = new MessageTotal()
  private logprobs: LogprobsTotal | undefined = undefined
  private index: Nullish<number> = undefined
  finishReason: Nullish<string> = undefined
  /** The last that came with this choice alone. */
  usage: GenerationUsage | undefined = undefined

  add(choice: Choice): number {
    let size = 0
    for (const key in choice) {
      switch (key) {
        case "message":
          size += this.message.add(choice.message)
          break
        case "finishReason":
          this.finishReason = laterReason(this.finishReason, choice.finishReason)
          break
        case "index":
          this.index = last(this.index, choice.index)
          break
        case "logprobs":
          size += (this.logprobs ??= new LogprobsTotal()).add(choice.logprobs)
          break
        default:
          this.rest.add(key, Reflect.get(choice, key))
      }
    }
    return size
  }

  get(finishReason: Nullish<string> = this.finishReason): Choice {
    const { index } = this
    const logprobs = this.logprobs?.get()
    return {
      ...this.rest.get(),
      ...(index === undefined ? undefined : { index }),
      ...(finishReason === undefined ? undefined : { finishReason }),
      message: this.message.get(),
      ...(logprobs === undefined ? undefined : { logprobs })
    }
  }
}

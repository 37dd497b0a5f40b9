/** The increments of a report of qwen-deep-research, put together. */
import type { GenerationOutput } from "../../GenerationResult.js"
import { ContentTotal } from "./contentTotal.js"
import { isNullish, type Nullish, Rest } from "./text.js"

type ResearchMessage = NonNullable<GenerationOutput["message"]>

/** What qwen-deep-research says: each phase begins anew, and what is found stays. @internal */
export class ResearchTotal {
  private readonly rest = new Rest()
  private readonly extra = new Rest()
  private readonly found = new Rest()
  private content = new ContentTotal()
  private phase: Nullish<string> = undefined

  add(message: ResearchMessage): number {
    // Its events say that the service still works, and nothing of the phase that goes on.
    if (message.phase === "KeepAlive" && this.phase !== undefined) return 0
    if (!isNullish(message.phase) && message.phase !== this.phase) {
      this.phase = message.phase
      this.content = new ContentTotal()
    }
    for (const key in message) {
      if (key !== "content" && key !== "extra") this.rest.add(key, Reflect.get(message, key))
    }
    const { extra } = message
    for (const key in extra) {
      if (key !== "deepResearch") this.extra.add(key, Reflect.get(extra, key))
    }
    const deepResearch = extra?.deepResearch
    for (const key in deepResearch) this.found.add(key, Reflect.get(deepResearch, key))
    return this.content.add(message.content)
  }

  /** What comes next holds all that the phase has said. */
  forget(): void {
    this.content = new ContentTotal()
  }

  get(): ResearchMessage {
    const content = this.content.get()
    return {
      ...this.rest.get(),
      ...(content === undefined ? undefined : { content }),
      extra: { ...this.extra.get(), deepResearch: { ...this.found.get() } }
    }
  }
}

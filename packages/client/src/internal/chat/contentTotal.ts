/** The increments of a message's content, put together. */
import type { ResultMessage } from "../../GenerationResult.js"
import { isRecord } from "../core/record.js"
import { isNullish, overhead, Rest, Text } from "./text.js"

/** Fields by which a part is another one than what stood in its place. */
const identities = ["type", "image", "video", "audio"] as const

/** A part at its place: its texts joined, and for the rest what came last. */
class PartTotal {
  private readonly rest = new Rest()
  private text: Text | undefined = undefined
  /** What is no object. */
  private other: unknown = undefined
  private readonly identity: Partial<Record<typeof identities[number], unknown>> = {}

  /** Whether this is more of the same part. */
  continues(part: unknown): boolean {
    if (!isRecord(part)) return this.other !== undefined
    if (this.other !== undefined) return false
    return identities.every((key) => {
      const before = this.identity[key]
      return before === undefined || part[key] === undefined || before === part[key]
    })
  }

  add(part: unknown): number {
    if (!isRecord(part)) {
      this.other = part
      return overhead
    }
    for (const key of identities) this.identity[key] ??= part[key]
    let size = 2 * overhead
    for (const key of Object.keys(part)) {
      const value = part[key]
      if (key === "text" && (typeof value === "string" || value === null)) size += (this.text ??= new Text()).add(value)
      else this.rest.add(key, value)
    }
    return size
  }

  get(): unknown {
    if (this.other !== undefined) return this.other
    const { text } = this
    return { ...this.rest.get(), ...(text === undefined ? undefined : { text: text.get() }) }
  }
}

/**
 * A text, or parts as soon as there is one. Parts continue those at the same places of the events before, as in the
 * official SDKs; a part with another picture, or of another type, is not lost in the one before it: it stands after all that
 * there is, and what comes then goes on from it.
 *
 * @internal
 */
export class ContentTotal {
  private readonly text = new Text()
  private parts: Array<PartTotal> | undefined = undefined
  /** Where the first part of an event goes. */
  private start = 0

  add(content: ResultMessage["content"]): number {
    if (typeof content === "string" || isNullish(content)) {
      if (this.parts === undefined) return this.text.add(content)
      return content ? this.addParts([{ text: content }]) : 0
    }
    if (this.parts === undefined) {
      this.parts = []
      const text = this.text.get()
      if (text) this.addParts([{ text }])
    }
    return this.addParts(content)
  }

  get(): ResultMessage["content"] {
    return this.parts === undefined ? this.text.get() : this.parts.map((part) => part.get())
  }

  private addParts(parts: ReadonlyArray<unknown>): number {
    const all = this.parts ??= []
    let size = 0
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]
      let total = all[this.start + i]
      if (total !== undefined && !total.continues(part)) {
        this.start = all.length - i
        total = undefined
      }
      if (total === undefined) {
        all.push(total = new PartTotal())
        size += 32 * overhead
      }
      size += total.add(part)
    }
    return size
  }
}

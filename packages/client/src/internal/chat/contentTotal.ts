/** The increments of a message's content, put together. */
import type { ResultMessage } from "../../GenerationResult.js"
import { isRecord } from "../core/record.js"
import { isNullish, overhead, Text } from "./text.js"

/** Two parts that differ in their text only. */
const isContinued = (
  before: unknown,
  after: unknown
): before is { readonly text: string } => {
  if (!isRecord(before) || !isRecord(after)) return false
  if (typeof before["text"] !== "string" || typeof after["text"] !== "string") return false
  const keys = Object.keys(after)
  return keys.length === Object.keys(before).length &&
    keys.every((key) => key === "text" || (Object.hasOwn(before, key) && before[key] === after[key]))
}

/** A text, or parts as soon as there is one. @internal */
export class ContentTotal {
  private readonly text = new Text()
  private parts: Array<unknown> | undefined = undefined

  add(content: ResultMessage["content"]): number {
    if (typeof content === "string" || isNullish(content)) {
      if (this.parts === undefined) return this.text.add(content)
      return content ? this.addPart({ text: content }) : 0
    }
    if (this.parts === undefined) {
      const text = this.text.get()
      this.parts = text ? [{ text }] : []
    }
    return content.reduce((size: number, part) => size + this.addPart(part), 0)
  }

  get(): ResultMessage["content"] {
    return this.parts === undefined ? this.text.get() : this.parts.slice()
  }

  private addPart(part: unknown): number {
    const parts = this.parts ??= []
    const before = parts.at(-1)
    const text = isRecord(part) ? part["text"] : undefined
    if (typeof text === "string" && isContinued(before, part)) {
      parts[parts.length - 1] = { ...before, text: before.text + text }
    } else {
      parts.push(part)
    }
    return 32 * overhead + (typeof text === "string" ? 2 * text.length : 0)
  }
}

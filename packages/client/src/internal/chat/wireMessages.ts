/**
 * What messages and their parts are called on the wire, where content is made of parts, and what is wrong with one.
 *
 * @internal
 */

type Names = Readonly<Record<string, string>>

/** @internal */
export const messageNames: Names = {
  reasoningContent: "reasoning_content",
  toolCalls: "tool_calls",
  toolCallId: "tool_call_id"
}

/** @internal */
export const partNames: Names = {
  minPixels: "min_pixels",
  maxPixels: "max_pixels",
  totalPixels: "total_pixels",
  enableRotate: "enable_rotate",
  cacheControl: "cache_control"
}

/** All fields that are given; those that have a name here under that of the wire. @internal */
export const rename = (fields: Readonly<Record<string, unknown>>, names: Names): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) {
    if (fields[key] !== undefined) out[Object.hasOwn(names, key) ? names[key] ?? key : key] = fields[key]
  }
  return out
}

/** What is wrong, beneath the place where it is. @internal */
export class Wrong {
  constructor(readonly place: string, readonly description: string) {}
}

/**
 * The text of event streams, byte for byte as the service frames it, and the deviations a behaviour asks for.
 */
import type { StreamBehavior } from "../../Behavior.js"
import type { Dialect } from "./answer.js"

/** @internal */
export interface Frame {
  readonly id: number
  readonly event: string
  readonly status: number
  readonly data: string
}

/** @internal */
export const frameText = (frame: Frame, style: StreamBehavior, dialect: Dialect = "native"): string => {
  const gap = gapOf(style, dialect)
  const lines: Array<string> = []
  const isNumbered = dialect === "native" || dialect === "responses"
  if (isNumbered) {
    lines.push(`id:${gap}${frame.id}`)
  }
  if (dialect !== "openai" && style.noEventLine !== true) {
    lines.push(`event:${gap}${frame.event}`)
  }
  if (isNumbered && style.noStatusComment !== true) {
    lines.push(`:HTTP_STATUS/${frame.status}`)
  }
  for (const line of dataLines(frame.data, style)) {
    lines.push(`data:${gap}${line}`)
  }
  return inLines(`${lines.join("\n")}\n\n`, style)
}

/** What stands behind a colon. */
const gapOf = (style: StreamBehavior, dialect: Dialect): string =>
  style.spaceAfterColon ?? dialect === "openai" ? " " : ""

const dataLines = (data: string, style: StreamBehavior): ReadonlyArray<string> => {
  if (style.multiLineData !== true) {
    return [data]
  }
  try {
    return JSON.stringify(JSON.parse(data), null, 1).split("\n")
  } catch {
    // Data that is not meant to be JSON.
    return [data]
  }
}

/** @internal */
export const commentText = (text: string, style: StreamBehavior): string => inLines(`:${text}\n\n`, style)

/** @internal */
export const doneText = (style: StreamBehavior, dialect: Dialect = "native"): string =>
  inLines(`data:${gapOf(style, dialect)}[DONE]\n\n`, style)

/** JSON has no line ends of its own, so every one here ends a line of the stream. */
const inLines = (text: string, style: StreamBehavior): string => {
  switch (style.lineEnd) {
    case "crlf":
      return text.replaceAll("\n", "\r\n")
    case "cr":
      return text.replaceAll("\n", "\r")
    case "lf":
    case undefined:
      return text
  }
}

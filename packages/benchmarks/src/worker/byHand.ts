/** What a careful author writes over a bare HTTP client: the native protocol, checked by hand. */
import { apiKey, nativeRequest } from "../answers.js"

export const requestHeaders = {
  authorization: `Bearer ${apiKey}`,
  "content-type": "application/json",
  accept: "application/json"
}

export const streamHeaders = { ...requestHeaders, accept: "text/event-stream", "x-dashscope-sse": "enable" }

export const requestBody = (): string => JSON.stringify(nativeRequest(false))

export const streamBody = (): string => JSON.stringify(nativeRequest(true))

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === "object" && u !== null

/** The text of an answer or event, if it is one. */
export const textOf = (json: unknown): string => {
  if (isObject(json) && isObject(json["output"]) && Array.isArray(json["output"]["choices"])) {
    const choices: ReadonlyArray<unknown> = json["output"]["choices"]
    const choice = choices[0]
    if (isObject(choice) && isObject(choice["message"])) {
      const content = choice["message"]["content"]
      if (typeof content === "string") return content
    }
  }
  throw new Error(`not an answer: ${JSON.stringify(json)}`)
}

export const checkStatus = (status: number): void => {
  if (status !== 200) throw new Error(`status ${status}`)
}

/** Finds the events in what it is given. Looks at each character once, wherever chunks are cut. */
export class EventReader {
  private readonly decoder = new TextDecoder()
  private rest = ""
  private isError = false

  constructor(private readonly onPiece: (text: string) => void) {}

  push(bytes: Uint8Array): void {
    const text = this.rest + this.decoder.decode(bytes, { stream: true })
    let start = 0
    for (;;) {
      const end = text.indexOf("\n", start)
      if (end === -1) break
      this.line(text, start, end)
      start = end + 1
    }
    this.rest = text.slice(start)
  }

  private line(text: string, start: number, end: number): void {
    if (text.startsWith("data:", start)) {
      const data = text.slice(start + "data:".length, end)
      if (this.isError) throw new Error(`the stream failed: ${data}`)
      this.onPiece(textOf(JSON.parse(data)))
    } else if (text.startsWith("event:", start)) {
      this.isError = text.slice(start + "event:".length, end).trim() === "error"
    }
  }
}

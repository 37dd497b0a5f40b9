import * as Headers from "@effect/platform/Headers"
import type { HeaderSource } from "../../Beneath.js"

/** The headers of a response as they came, parsed once somebody asks for more than one that is not there. @internal */
export class RawHeaders implements HeaderSource {
  private parsed: Headers.Headers | undefined = undefined
  private cookies: Array<string> = []

  constructor(private readonly raw: ReadonlyArray<Buffer>) {}

  get headers(): Headers.Headers {
    if (this.parsed !== undefined) return this.parsed
    const { raw } = this
    const fields: Record<string, string> = Object.create(null) as Record<string, string>
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i]!.toString("latin1").toLowerCase()
      const value = raw[i + 1]!.toString("utf8")
      if (name === "set-cookie") this.cookies.push(value)
      fields[name] = name in fields ? `${fields[name]}, ${value}` : value
    }
    return this.parsed = Headers.unsafeFromRecord(fields)
  }

  /** The values of `Set-Cookie`, which cannot be joined. */
  get setCookies(): ReadonlyArray<string> {
    return this.headers["set-cookie"] === undefined ? [] : this.cookies
  }

  /** One header, by its name in lower case. Most answers have none of those that are looked for. */
  header(name: string): string | undefined {
    if (this.parsed !== undefined) return this.parsed[name]
    const { raw } = this
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const field = raw[i]!
      if (field.length === name.length && field.toString("latin1").toLowerCase() === name) return this.headers[name]
    }
    return undefined
  }
}

import * as Headers from "@effect/platform/Headers"
import * as Inspectable from "effect/Inspectable"
import type { HeaderSource } from "../../Beneath.js"

/**
 * The head of an answer. It leads to nothing else of its request, so that what keeps the headers keeps only them.
 * They are parsed once all of them are asked for, which is seldom.
 *
 * @internal
 */
export class ResponseHead extends Inspectable.Class implements HeaderSource {
  private parsed: Headers.Headers | undefined = undefined
  private cookies: Array<string> | undefined = undefined

  constructor(
    readonly status: number,
    private readonly raw: ReadonlyArray<Buffer>,
    readonly statusText: string
  ) {
    super()
  }

  get headers(): Headers.Headers {
    if (this.parsed !== undefined) return this.parsed
    const { raw } = this
    const fields: Record<string, string> = Object.create(null) as Record<string, string>
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i]!.toString("latin1").toLowerCase()
      const value = raw[i + 1]!.toString("utf8")
      if (name === "set-cookie") (this.cookies ??= []).push(value)
      fields[name] = name in fields ? `${fields[name]}, ${value}` : value
    }
    return this.parsed = Headers.unsafeFromRecord(fields)
  }

  /**
   * Calls back for each header, by its name in lower case, without making a record of all of them where each is there once.
   */
  eachHeader(f: (name: string, value: string) => void): void {
    const names = this.parsed === undefined ? this.names() : undefined
    if (names === undefined) {
      const { headers } = this
      for (const name in headers) f(name, headers[name]!)
      return
    }
    for (let i = 0; i < names.length; i++) f(names[i]!, this.raw[2 * i + 1]!.toString("utf8"))
  }

  /** The names in lower case; nothing where one is there twice. */
  private names(): ReadonlyArray<string> | undefined {
    const { raw } = this
    const names: Array<string> = []
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i]!.toString("latin1").toLowerCase()
      if (names.includes(name)) return undefined
      names.push(name)
    }
    return names
  }

  get setCookies(): ReadonlyArray<string> {
    return this.headers["set-cookie"] === undefined ? [] : this.cookies ?? []
  }

  /** Names and values as they came, a byte for each character, as `Headers` of fetch have them. */
  get pairs(): Array<[string, string]> {
    const { raw } = this
    const pairs: Array<[string, string]> = []
    for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i]!.toString("latin1"), raw[i + 1]!.toString("latin1")])
    return pairs
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

  /** Whether it is one of those that have no body, and yet names one, which undici would wait for. */
  get hidesBody(): boolean {
    return (this.status === 204 || this.status === 304) &&
      (this.header("transfer-encoding") !== undefined || (this.header("content-length") ?? "0") !== "0")
  }

  toJSON(): unknown {
    return { _id: "effect-http-pool/ResponseHead", status: this.status, headers: Inspectable.redact(this.headers) }
  }
}

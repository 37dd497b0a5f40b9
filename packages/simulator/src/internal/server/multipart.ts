/**
 * Reads `multipart/form-data` as it comes, and keeps no more of each file than it is told to, so that an upload of any
 * size passes through the same memory.
 */
import type { Hash } from "node:crypto"
import { createHash } from "node:crypto"

/** @internal */
export interface FormPart {
  readonly name: string
  /** Absent where the part is a plain field. */
  readonly fileName: string | undefined
  readonly contentType: string | undefined
  /** Of the whole content. */
  readonly size: number
  /** MD5 of the whole content. */
  readonly md5: Uint8Array
  /** The content, or its start where it is larger than what is kept. */
  readonly bytes: Uint8Array
}

/** @internal */
export interface Form {
  readonly parts: ReadonlyArray<FormPart>
  /** Whether the closing boundary came. */
  readonly complete: boolean
}

/**
 * The boundary that a content type names.
 *
 * @internal
 */
export const boundaryOf = (contentType: string | undefined): string | undefined => {
  const found = /^multipart\/form-data;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? "")
  return found?.[1] ?? found?.[2]
}

const parameter = (header: string, name: string): string | undefined =>
  new RegExp(`;\\s*${name}="([^"]*)"`, "i").exec(header)?.[1] ??
    new RegExp(`;\\s*${name}=([^";\\s]+)`, "i").exec(header)?.[1]

class Part {
  private readonly hash: Hash = createHash("md5")
  private readonly kept: Array<Buffer> = []
  private keptBytes = 0
  private size = 0

  constructor(private readonly head: string, private readonly most: number) {}

  write(bytes: Buffer): void {
    this.hash.update(bytes)
    this.size += bytes.length
    const room = this.most - this.keptBytes
    if (room > 0 && bytes.length > 0) {
      // A copy: what is cut from a chunk would hold the whole chunk.
      const taken = Buffer.from(bytes.subarray(0, room))
      this.kept.push(taken)
      this.keptBytes += taken.length
    }
  }

  end(): FormPart {
    const line = (name: string) =>
      this.head.split("\r\n").find((one) => one.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim()
    const disposition = line("content-disposition") ?? ""
    return {
      name: parameter(disposition, "name") ?? "",
      fileName: parameter(disposition, "filename"),
      contentType: line("content-type"),
      size: this.size,
      md5: this.hash.digest(),
      bytes: Buffer.concat(this.kept)
    }
  }
}

const headEnd = Buffer.from("\r\n\r\n")

/** @internal */
export class FormReader {
  private readonly parts: Array<FormPart> = []
  private readonly delimiter: Buffer
  /** What is not decided yet. The first boundary stands at the start of a line too. */
  private rest: Buffer = Buffer.from("\r\n")
  private state: "preamble" | "boundary" | "head" | "content" | "over" = "preamble"
  private part: Part | undefined

  /** @param most how many bytes of each part are kept. */
  constructor(boundary: string, private readonly most: number) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`)
  }

  write(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    while (this.step()) {
      // Goes on as long as something is decided.
    }
  }

  end(): Form {
    return { parts: this.parts, complete: this.state === "over" }
  }

  private step(): boolean {
    switch (this.state) {
      case "over":
        this.rest = Buffer.alloc(0)
        return false
      case "boundary": {
        if (this.rest.length < 2) {
          return false
        }
        this.state = this.rest.toString("latin1", 0, 2) === "--" ? "over" : "head"
        return true
      }
      case "head": {
        const at = this.rest.indexOf(headEnd)
        if (at < 0) {
          return false
        }
        this.part = new Part(this.rest.toString("utf8", 0, at), this.most)
        this.rest = this.rest.subarray(at + headEnd.length)
        this.state = "content"
        return true
      }
      case "preamble":
      case "content": {
        const at = this.rest.indexOf(this.delimiter)
        if (at < 0) {
          // The end could be the start of a boundary.
          const decided = this.rest.length - this.delimiter.length
          if (decided > 0) {
            this.part?.write(this.rest.subarray(0, decided))
            this.rest = this.rest.subarray(decided)
          }
          return false
        }
        if (this.part !== undefined) {
          this.part.write(this.rest.subarray(0, at))
          this.parts.push(this.part.end())
          this.part = undefined
        }
        this.rest = this.rest.subarray(at + this.delimiter.length)
        this.state = "boundary"
        return true
      }
    }
  }
}

/**
 * The first field of a name, as text.
 *
 * @internal
 */
export const field = (form: Form, name: string): string | undefined => {
  const part = form.parts.find((one) => one.name === name)
  return part === undefined ? undefined : Buffer.from(part.bytes).toString("utf8")
}

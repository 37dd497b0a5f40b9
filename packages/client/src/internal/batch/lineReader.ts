/**
 * Lines of UTF-8 in bytes that come in pieces of any size. A line is held once, and one that is too long is not.
 *
 * @internal
 */

/** Far more than any answer has, and far less than the memory. */
const longest = 64 * 1024 * 1024

const newline = 0x0a

/** A line without its end; nothing where it is too long to be held. @internal */
export type Line = string | undefined

/** @internal */
export class LineReader {
  private parts: Array<Uint8Array> = []
  private size = 0
  private isTooLong = false
  private readonly decoder = new TextDecoder()

  constructor(private readonly most = longest) {}

  /** The lines that have ended with this piece. */
  push(bytes: Uint8Array): ReadonlyArray<Line> {
    const lines: Array<Line> = []
    let start = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.hold(bytes.subarray(start, end))
      lines.push(this.take())
      start = end + 1
    }
    // A copy: what is cut from a piece would hold all of it, and somebody may write over it.
    if (start < bytes.length) this.hold(bytes.slice(start))
    return lines
  }

  /** What follows the last end of a line, if anything does. */
  end(): ReadonlyArray<Line> {
    return this.size === 0 && !this.isTooLong ? [] : [this.take()]
  }

  private hold(bytes: Uint8Array): void {
    this.size += bytes.length
    if (this.size > this.most) {
      this.isTooLong = true
      this.parts = []
    } else if (bytes.length > 0) {
      this.parts.push(bytes)
    }
  }

  private take(): Line {
    const { isTooLong, parts, size } = this
    this.parts = []
    this.size = 0
    this.isTooLong = false
    if (isTooLong) return undefined
    const [first] = parts
    if (first === undefined) return ""
    if (parts.length === 1) return this.decoder.decode(first)
    const whole = new Uint8Array(size)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return this.decoder.decode(whole)
  }
}

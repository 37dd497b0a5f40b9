/**
 * Cuts bytes into lines.
 *
 * @internal
 */
const newline = 0x0a

/** @internal */
export class Lines {
  /** How many bytes the lines given out so far have, with their ends. What follows them is no whole line. */
  wholeBytes = 0

  private rest: ReadonlyArray<Uint8Array> = []
  private restBytes = 0
  private readonly decoder = new TextDecoder()

  push(bytes: Uint8Array): ReadonlyArray<string> {
    const end = bytes.lastIndexOf(newline)
    if (end < 0) {
      this.rest = [...this.rest, bytes]
      this.restBytes += bytes.length
      return []
    }
    const text = this.text(bytes.subarray(0, end))
    this.wholeBytes += this.restBytes + end + 1
    this.rest = [bytes.subarray(end + 1)]
    this.restBytes = bytes.length - end - 1
    return text.split("\n")
  }

  private text(last: Uint8Array): string {
    const all = new Uint8Array(this.restBytes + last.length)
    let offset = 0
    for (const piece of [...this.rest, last]) {
      all.set(piece, offset)
      offset += piece.length
    }
    return this.decoder.decode(all)
  }
}

/** The longest head of an informational answer that is passed over, in bytes: Node's and undici's limit of any head. */
const longestHead = 16 * 1024

/** Up to the status code, which decides. */
const needed = "HTTP/1.1 1xx".length
const start = Buffer.from("HTTP/1.")
const endOfHead = Buffer.from("\r\n\r\n")
const space = 0x20
const zero = 0x30
const one = 0x31

/** Whether what there is of an answer may be an informational one: 1xx, but 101, after which there is no HTTP. */
const mayBeInformational = (bytes: Uint8Array): boolean => {
  const { length } = bytes
  for (let i = 0; i < Math.min(length, start.length); i++) {
    if (bytes[i] !== start[i]) return false
  }
  if (length > 8 && bytes[8] !== space) return false
  if (length > 9 && bytes[9] !== one) return false
  return length < needed || bytes[10] !== zero || bytes[11] !== one
}

/**
 * Passes over informational answers (RFC 9110, 15.2: a client must be able to, asked for or not), which undici
 * takes for the end of HTTP where one is "100 Continue". It looks at what comes before the head of the answer proper only.
 *
 * @internal
 */
export class InformationalAnswers {
  /** A part that cannot be judged yet. */
  private held: Buffer | undefined = undefined
  private seen = 0

  /** What is not informational, or null where nothing is left. */
  pass(chunk: Buffer): Buffer | null {
    let rest = chunk
    if (this.held !== undefined) {
      rest = Buffer.concat([this.held, chunk])
      this.held = undefined
    }
    while (mayBeInformational(rest)) {
      const end = rest.indexOf(endOfHead)
      // Too long a head is undici's to refuse.
      if ((end < 0 ? rest.length : end) > longestHead) return rest
      if (end < 0) {
        this.held = rest
        return null
      }
      this.seen++
      rest = rest.subarray(end + endOfHead.length)
      if (rest.length === 0) return null
    }
    return rest
  }

  /** Whether part of an answer is held back. */
  get isHolding(): boolean {
    return this.held !== undefined
  }

  /** How many were passed over since the last time. */
  takeSeen(): number {
    const { seen } = this
    this.seen = 0
    return seen
  }
}

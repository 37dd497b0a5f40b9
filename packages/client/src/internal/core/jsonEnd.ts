const quote = 0x22
const backslash = 0x5c

const opens = (code: number): boolean => code === 0x7b || code === 0x5b

const closes = (code: number): boolean => code === 0x7d || code === 0x5d

/**
 * Tells when the first object, array or string of a text has ended. The text comes in pieces, and each character is
 * looked at once. It finds ends and no mistakes: that is for the parser.
 *
 * @internal
 */
export class JsonEnd {
  /** What comes now belongs to something else. */
  isOver = false
  private depth = 0
  private inString = false
  private isEscaped = false

  add(text: string): void {
    for (let i = 0; i < text.length && !this.isOver; i++) {
      const code = text.charCodeAt(i)
      if (this.inString) this.inText(code)
      else if (code === quote) this.inString = true
      else if (opens(code)) this.depth++
      else if (closes(code)) this.isOver = --this.depth <= 0
    }
  }

  private inText(code: number): void {
    if (this.isEscaped) this.isEscaped = false
    else if (code === backslash) this.isEscaped = true
    else if (code === quote) {
      this.inString = false
      this.isOver = this.depth === 0
    }
  }
}
